// name: rings_seen_otherwise
// parameters: ids, seen, lock
// purpose: takes the lock under which people's decisions are written, then tells which of these rings have not the status
//   that somebody saw (null: not asked), with who set it and when
MERGE (f:Pointer {name: 'changes'})
  ON CREATE SET f.seq = 0
SET f.locked_by = $lock
WITH f
UNWIND range(0, size($ids) - 1) AS n
MATCH (r:Ring {id: $ids[n]})
WHERE r.status <> $seen[n]
OPTIONAL MATCH (j:Action {kind: 'status'})-[:ON]->(r)
WITH r, j ORDER BY r.id, j.at DESC
WITH r, head(collect(j)) AS last
RETURN r.id AS id, r.status AS now, last.who AS who, toString(last.at) AS at
