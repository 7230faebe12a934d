// name: what_it_touches
// parameters: identifier
// purpose: What an identifier (a token or an IP address) touches: the rings of its accounts, and the accounts in none.
CALL () {
// for each sent kind, joined by UNION
  MATCH (i:KIND_LABEL {id: $identifier}) RETURN i
// end
}
MATCH (i)<-[l:SENT_LINK]-(a:Account)
OPTIONAL MATCH (p:Pointer {name: 'published'})
OPTIONAL MATCH (a)-[m:MEMBER_OF]->(r:Ring) WHERE m.run = p.run_id
RETURN labels(i)[0] AS kind, r.id AS ring, r.status AS status, count(a) AS accounts, sum(l.uses) AS requests,
  min(l.first_seen) AS `first seen`, max(l.last_seen) AS `last seen`
ORDER BY accounts DESC
