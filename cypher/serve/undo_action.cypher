// name: undo_action
// parameters: id, undo, who, note
// purpose: takes back a status or a label if nothing changed it since, and writes that into the journal; done is false
//   if it was changed or taken back before
MATCH (j:Action {id: $id})-[:ON]->(x:Ring|Account)
WITH j, x, CASE j.kind WHEN 'status' THEN x.status ELSE x.label END AS now
WITH j, x, now, j.undone_by IS NULL AND (now = j.after OR (now IS NULL AND j.after IS NULL)) AS possible
FOREACH (_ IN CASE WHEN possible THEN [1] ELSE [] END |
  SET j.undone_by = $undo
  MERGE (u:Action {id: $undo})
    ON CREATE SET u.kind = j.kind, u.at = datetime(), u.who = $who, u.note = $note, u.before = j.after, u.after = j.before,
      u.undoes = j.id
  MERGE (u)-[:ON]->(x))
FOREACH (_ IN CASE WHEN possible AND j.kind = 'status' THEN [1] ELSE [] END | SET x.status = j.before)
FOREACH (_ IN CASE WHEN possible AND j.kind = 'label' THEN [1] ELSE [] END | SET x.label = j.before)
RETURN x.id AS subject, j.kind AS kind, j.undone_by = $undo AS done, now, j.before AS value
