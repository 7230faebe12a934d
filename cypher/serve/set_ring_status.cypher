// name: set_ring_status
// parameters: action, ids, status, who, note
// purpose: sets the status of rings, with one journal entry and one change for each; the action's id makes it idempotent
MERGE (f:Pointer {name: 'changes'})
  ON CREATE SET f.seq = 0
SET f.locked_by = $action
WITH f
UNWIND range(0, size($ids) - 1) AS n
MATCH (r:Ring {id: $ids[n]})
MERGE (j:Action {id: $action + '-' + n})
  ON CREATE SET j.kind = 'status', j.at = datetime(), j.who = $who, j.note = $note, j.before = r.status, j.after = $status,
    j.seq = f.seq + n + 1, r.status = $status,
    r.status_at = datetime().epochSeconds
MERGE (j)-[:ON]->(r)
MERGE (c:Change {id: j.id})
  ON CREATE SET c.seq = j.seq, c.kind = 'status', c.at = j.at, c.ring = r.id, c.run = r.run, c.size = r.size,
    c.score = r.score, c.level = r.level, c.status = $status, c.status_before = j.before, c.who = $who
MERGE (c)-[:OF]->(r)
WITH f, collect({id: j.id, subject: r.id, kind: j.kind, at: toString(j.at), who: j.who, note: j.note,
  before: j.before, after: j.after, undone: j.undone_by IS NOT NULL}) AS actions, max(j.seq) AS seq
SET f.seq = CASE WHEN seq > f.seq THEN seq ELSE f.seq END
RETURN actions
