// name: set_token_texts
// parameters: rings, accounts, allowed
// purpose: Writes texts back with new tokens in them; `allowed`: [kind, identifier, new identifier] of the allow-list.
CALL () {
  UNWIND $rings AS row
  MATCH (r:Ring {id: row[0]})
  SET r.reasons = row[1], r.held_by = row[2]
}
CALL () {
  UNWIND $accounts AS row
  MATCH (a:Account {id: row[0]})
  SET a.reasons = row[1]
}
CALL () {
  UNWIND $allowed AS row
  MATCH (n:Allowed {id: row[0] + ' ' + row[1]})
  SET n.id = row[0] + ' ' + row[2], n.identifier = row[2]
}
