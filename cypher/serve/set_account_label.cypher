// name: set_account_label
// parameters: action, ids, label, who, note
// purpose: sets or (null) removes the label of accounts and writes one journal entry for each; the action's id makes it
//   idempotent
UNWIND range(0, size($ids) - 1) AS n
MATCH (a:Account {id: $ids[n]})
MERGE (j:Action {id: $action + '-' + n})
  ON CREATE SET j.kind = 'label', j.at = datetime(), j.who = $who, j.note = $note, j.before = a.label, j.after = $label,
    a.label = $label
MERGE (j)-[:ON]->(a)
RETURN collect({id: j.id, subject: a.id, kind: j.kind, at: toString(j.at), who: j.who, note: j.note,
  before: j.before, after: j.after, undone: j.undone_by IS NOT NULL}) AS actions
