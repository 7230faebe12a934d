// name: set_ring_status
// parameters: action, ids, status, who, note
// purpose: sets the status of rings and writes one journal entry for each; the action's id makes it idempotent
UNWIND range(0, size($ids) - 1) AS n
MATCH (r:Ring {id: $ids[n]})
MERGE (j:Action {id: $action + '-' + n})
  ON CREATE SET j.kind = 'status', j.at = datetime(), j.who = $who, j.note = $note, j.before = r.status, j.after = $status,
    r.status = $status
MERGE (j)-[:ON]->(r)
RETURN collect({id: j.id, subject: r.id, kind: j.kind, at: toString(j.at), who: j.who, note: j.note,
  before: j.before, after: j.after, undone: j.undone_by IS NOT NULL}) AS actions
