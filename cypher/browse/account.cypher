// name: account
// parameters: account
// purpose: An account, its ring, and what it uses, as a graph.
MATCH (a:Account {id: $account})
OPTIONAL MATCH (p:Pointer {name: 'published'})
OPTIONAL MATCH ring = (a)-[m:MEMBER_OF]->(:Ring) WHERE m.run = p.run_id
OPTIONAL MATCH uses = (a)-[:SENT_LINK]->()
RETURN a, ring, uses LIMIT 100
