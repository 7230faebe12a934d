// name: account_journal
// parameters: id
// purpose: what people did with an account, newest first
MATCH (a:Account {id: $id})<-[:ON]-(j:Action)
WITH a, j ORDER BY j.at DESC, j.id LIMIT 200
RETURN collect({id: j.id, subject: a.id, kind: j.kind, at: toString(j.at), who: j.who, note: j.note,
  before: j.before, after: j.after, undone: j.undone_by IS NOT NULL}) AS actions
