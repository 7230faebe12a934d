// name: what_it_touches
// parameters: identifier
// purpose: What an identifier (a token or an IP address) touches: the rings of its accounts, and the accounts in none.
CALL () {
  MATCH (i:PaymentMethod {id: $identifier}) RETURN i
  UNION
  MATCH (i:Device {id: $identifier}) RETURN i
  UNION
  MATCH (i:IP {id: $identifier}) RETURN i
}
MATCH (i)<-[l:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-(a:Account)
OPTIONAL MATCH (p:Pointer {name: 'published'})
OPTIONAL MATCH (a)-[m:MEMBER_OF]->(r:Ring) WHERE m.run = p.run_id
RETURN labels(i)[0] AS kind, r.id AS ring, r.status AS status, count(a) AS accounts, sum(l.uses) AS requests,
  min(l.first_seen) AS `first seen`, max(l.last_seen) AS `last seen`
ORDER BY accounts DESC
