// name: accounts_seen_otherwise
// parameters: ids, seen, lock
// purpose: takes the lock under which people's decisions are written, then tells which of these accounts have not the
//   label that somebody saw (none: without one; null: not asked), with who set it and when
MERGE (f:Pointer {name: 'changes'})
  ON CREATE SET f.seq = 0
SET f.locked_by = $lock
WITH f
UNWIND range(0, size($ids) - 1) AS n
MATCH (a:Account {id: $ids[n]})
WHERE coalesce(a.label, 'none') <> $seen[n]
OPTIONAL MATCH (j:Action {kind: 'label'})-[:ON]->(a)
WITH a, j ORDER BY a.id, j.at DESC
WITH a, head(collect(j)) AS last
RETURN a.id AS id, a.label AS now, last.who AS who, toString(last.at) AS at
