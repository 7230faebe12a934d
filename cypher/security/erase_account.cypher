// name: erase_account
// parameters: account
// purpose: Deletes an account with all its links, and what people noted about it.
MATCH (a:Account {id: $account})
OPTIONAL MATCH (j:Action)-[:ON]->(a)
DETACH DELETE j, a
