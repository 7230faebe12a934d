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
WITH a, j, [(a)-[:EVIDENCE_LINK]->(i) | id(i)] AS used
WITH collect(id(a)) AS labelled, reduce(all = [], one IN collect(used) | all + one) AS identifiers, collect({id: j.id, subject: a.id, kind: j.kind, at: toString(j.at), who: j.who, note: j.note,
  before: j.before, after: j.after, undone: j.undone_by IS NOT NULL}) AS actions
CREATE (:IndexChange {accounts: labelled, identifiers: identifiers, gone: []})
RETURN actions
