// name: graph_bundles
// parameters: members, keys, drawn, links
// purpose: how many accounts of each bundle (node ids of its members; see graph_folds, the bundle with no key is all
//   others) use each of the identifiers that are drawn (node ids)
UNWIND range(0, size($members) - 1) AS number
WITH $keys[number] AS key, $members[number] AS members
WITH key, members, size(members) AS size
UNWIND members AS node
MATCH (a:Account) WHERE id(a) = node
MATCH (a)-[l:SENT_LINK]->(i)
WHERE id(i) IN $drawn
WITH key, size, i, type(l) AS type, count(l) AS accounts, sum(l.uses) AS uses,
  min(l.first_seen) AS first_seen, max(l.last_seen) AS last_seen
ORDER BY size(key) = 0 AND accounts < 2, toFloat(accounts) / size * CASE WHEN size(key) = 0 THEN 20 ELSE 1 END DESC, accounts DESC
LIMIT $links
RETURN collect({key: key, target: i.id, type: type, accounts: accounts, uses: uses,
  first_seen: toString(first_seen), last_seen: toString(last_seen)}) AS links
