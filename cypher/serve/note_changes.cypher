// name: note_changes
// parameters: none
// purpose: writes what the published run changed about rings (opened, grown, shrunk, gone, merged, split) into the
//   change feed, once a run, and rings that incremental passes opened; the feed's pointer is locked first, so that numbers
//   follow each other in commit order
MATCH (p:Pointer {name: 'published'})
MERGE (f:Pointer {name: 'changes'})
  ON CREATE SET f.seq = 0
WITH p, f WHERE coalesce(f.run_id, '') <> p.run_id OR coalesce(f.looks, 0) <> coalesce(p.looks, 0)
SET f.locked_by = p.run_id
WITH p, f, coalesce(f.run_id, '') <> p.run_id AS new_run
WHERE new_run OR coalesce(f.looks, 0) <> coalesce(p.looks, 0)
SET f.run_id = p.run_id, f.looks = p.looks
WITH p, f, new_run
CALL (p, new_run) {
  MATCH (r:Ring)
  WITH r, CASE
      WHEN r.size > 0 AND coalesce(r.noted_size, 0) = 0 THEN 'opened'
      WHEN r.size = 0 AND coalesce(r.noted_size, 0) > 0 THEN 'gone'
      WHEN r.size > r.noted_size THEN 'grown'
      WHEN r.size < r.noted_size THEN 'shrunk'
    END AS kind
  WHERE kind = 'opened' OR new_run AND kind IS NOT NULL
  RETURN r, kind, null AS other
  UNION
  MATCH (r:Ring)-[m:MERGED_FROM]->(o:Ring) WHERE new_run AND m.run = p.run_id RETURN r, 'merged' AS kind, o.id AS other
  UNION
  MATCH (r:Ring)-[m:SPLIT_FROM]->(o:Ring) WHERE new_run AND m.run = p.run_id RETURN r, 'split' AS kind, o.id AS other
}
WITH p, f, r, kind, other ORDER BY r.id, kind, other
WITH p, f, collect({ring: r, kind: kind, other: other, before: r.noted_size}) AS found
WITH p, f, found, f.seq AS start
SET f.seq = start + size(found)
WITH p, found, start
UNWIND range(0, size(found) - 1) AS n
WITH p, start, n, found[n] AS change, found[n].ring AS r
CREATE (c:Change {id: p.run_id + ':' + r.id + ':' + change.kind + coalesce(':' + change.other, ''), seq: start + n + 1,
  kind: change.kind, at: datetime(), ring: r.id, run: p.run_id, size: r.size, size_before: change.before,
  other: change.other, score: r.score, level: r.level, status: r.status})
CREATE (c)-[:OF]->(r)
SET r.noted_size = r.size
RETURN count(c) AS written
