// name: undo_action
// parameters: id, undo, who, note
// purpose: takes back a status or a label if nothing changed it since, with its own entry in the journal and, for a
//   status, in the change feed; done is false if it was changed or taken back before (who
//   did that, and when)
MERGE (f:Pointer {name: 'changes'})
  ON CREATE SET f.seq = 0
SET f.locked_by = $undo
WITH f
MATCH (j:Action {id: $id})-[:ON]->(x:Ring|Account)
CALL (j, x) { MATCH (last:Action {kind: j.kind})-[:ON]->(x) RETURN last ORDER BY last.at DESC LIMIT 1 }
WITH f, j, x, last.who AS who, toString(last.at) AS at, CASE j.kind WHEN 'status' THEN x.status ELSE x.label END AS now
WITH f, j, x, who, at, now, j.undone_by IS NULL AND (now = j.after OR (now IS NULL AND j.after IS NULL)) AS possible
FOREACH (_ IN CASE WHEN possible THEN [1] ELSE [] END |
  SET j.undone_by = $undo
  MERGE (u:Action {id: $undo})
    ON CREATE SET u.kind = j.kind, u.at = datetime(), u.who = $who, u.note = $note, u.before = j.after, u.after = j.before,
      u.undoes = j.id
  MERGE (u)-[:ON]->(x))
FOREACH (_ IN CASE WHEN possible AND j.kind = 'status' THEN [1] ELSE [] END |
  SET x.status = j.before, x.status_at = datetime().epochSeconds, f.seq = f.seq + 1
  MERGE (c:Change {id: $undo})
    ON CREATE SET c.seq = f.seq, c.kind = 'status', c.at = datetime(), c.ring = x.id, c.run = x.run, c.size = x.size,
      c.score = x.score, c.level = x.level, c.status = j.before, c.status_before = j.after, c.who = $who
  MERGE (c)-[:OF]->(x))
FOREACH (_ IN CASE WHEN possible AND j.kind = 'label' THEN [1] ELSE [] END |
  SET x.label = j.before
  CREATE (:IndexChange {accounts: [id(x)], identifiers: [(x)-[:EVIDENCE_LINK]->(i) | id(i)], gone: []}))
RETURN x.id AS subject, j.kind AS kind, j.undone_by = $undo AS done, now, who, at,
  j.before AS value
