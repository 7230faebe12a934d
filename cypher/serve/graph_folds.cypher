// name: graph_folds
// parameters: id, fold, exits, groups
// purpose: one way to fold a ring's accounts (all, strong, or a kind): the largest groups of
//   accounts with the same shared identifiers, largest first, with the node ids and births (epoch seconds) of their
//   members, and those of all others (`exits`: node ids)
MATCH (p:Pointer {name: 'published'})
MATCH (r:Ring {id: $id})<-[m:MEMBER_OF]-(a:Account)
WHERE m.run = p.run_id
WITH a, CASE $fold
    WHEN 'all' THEN COLLECT { MATCH (a)-[:EVIDENCE_LINK]->(i)
      WHERE COUNT { (i)<-[:EVIDENCE_LINK]-() } > 1 RETURN i.id AS x ORDER BY x }
    WHEN 'strong' THEN COLLECT { MATCH (a)-[:STRONG_LINK]->(i)
      WHERE COUNT { (i)<-[:STRONG_LINK]-() } > 1 RETURN i.id AS x ORDER BY x }
// for each strong kind
    WHEN 'KIND_NAME' THEN COLLECT { MATCH (a)-[:KIND_LINK]->(i)
      WHERE COUNT { (i)<-[:KIND_LINK]-() } > 1 RETURN i.id AS x ORDER BY x }
// end
// for each place kind
    WHEN 'KIND_NAME' THEN COLLECT { MATCH (a)-[:KIND_LINK]->(i) WHERE id(i) IN $exits RETURN i.id AS x ORDER BY x LIMIT 1 }
// end
    ELSE []
  END AS key
WITH key, collect(id(a)) AS members, avg(coalesce(a.risk, 0.0)) AS risk, min(a.created_at) AS born,
  collect(coalesce(a.created_s, 0)) AS births
ORDER BY size(key) = 0, size(members) DESC, key[0]
WITH collect({key: key, accounts: size(members), risk: risk, first_seen: toString(born), members: members,
  births: births}) AS all
WITH [b IN all WHERE size(b.key) > 0] AS bundles, [b IN all WHERE size(b.key) = 0] AS none
RETURN bundles[..$groups] AS bundles, size(bundles) AS groups, [b IN none + bundles[$groups..] | b.members] AS others,
  [b IN none + bundles[$groups..] | b.births] AS others_births
