// name: graph_bundles
// parameters: id, fold, exits, keys, drawn, links
// purpose: how many accounts of each bundle (see graph_folds; all others are the bundle with no key) use each of the
//   identifiers that are drawn (node ids, as `exits` are)
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
WITH CASE WHEN key IN $keys THEN key ELSE [] END AS key, collect(a) AS accounts
UNWIND accounts AS a
MATCH (a)-[l:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]->(i)
WHERE id(i) IN $drawn
WITH key, size(accounts) AS size, i, type(l) AS type, count(l) AS accounts, sum(l.uses) AS uses,
  min(l.first_seen) AS first_seen, max(l.last_seen) AS last_seen
ORDER BY size(key) = 0 AND accounts < 2, toFloat(accounts) / size * CASE WHEN size(key) = 0 THEN 20 ELSE 1 END DESC, accounts DESC
LIMIT $links
RETURN collect({key: key, target: i.id, type: type, accounts: accounts, uses: uses,
  first_seen: toString(first_seen), last_seen: toString(last_seen)}) AS links
