// name: graph_folds
// parameters: id, fold, exits, groups
// purpose: one way to fold a ring's accounts (all, cards_devices, payment_method, device, ip): the largest groups of
//   accounts with the same shared identifiers, largest first, with the node ids and births (epoch seconds) of their
//   members, and those of all others (`exits`: node ids)
MATCH (p:Pointer {name: 'published'})
MATCH (r:Ring {id: $id})<-[m:MEMBER_OF]-(a:Account)
WHERE m.run = p.run_id
WITH a, CASE $fold
    WHEN 'all' THEN COLLECT { MATCH (a)-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]->(i)
      WHERE COUNT { (i)<-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-() } > 1 RETURN i.id AS x ORDER BY x }
    WHEN 'cards_devices' THEN COLLECT { MATCH (a)-[:PAYS_WITH|USES_DEVICE]->(i)
      WHERE COUNT { (i)<-[:PAYS_WITH|USES_DEVICE]-() } > 1 RETURN i.id AS x ORDER BY x }
    WHEN 'payment_method' THEN COLLECT { MATCH (a)-[:PAYS_WITH]->(i)
      WHERE COUNT { (i)<-[:PAYS_WITH]-() } > 1 RETURN i.id AS x ORDER BY x }
    WHEN 'device' THEN COLLECT { MATCH (a)-[:USES_DEVICE]->(i)
      WHERE COUNT { (i)<-[:USES_DEVICE]-() } > 1 RETURN i.id AS x ORDER BY x }
    ELSE COLLECT { MATCH (a)-[:CONNECTS_FROM]->(i) WHERE id(i) IN $exits RETURN i.id AS x ORDER BY x LIMIT 1 }
  END AS key
WITH key, collect(id(a)) AS members, avg(coalesce(a.risk, 0.0)) AS risk, min(a.created_at) AS born,
  collect(coalesce(a.created_s, 0)) AS births
ORDER BY size(key) = 0, size(members) DESC, key[0]
WITH collect({key: key, accounts: size(members), risk: risk, first_seen: toString(born), members: members,
  births: births}) AS all
WITH [b IN all WHERE size(b.key) > 0] AS bundles, [b IN all WHERE size(b.key) = 0] AS none
RETURN bundles[..$groups] AS bundles, size(bundles) AS groups, [b IN none + bundles[$groups..] | b.members] AS others,
  [b IN none + bundles[$groups..] | b.births] AS others_births
