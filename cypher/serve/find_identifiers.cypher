// name: find_identifiers
// parameters: payment_methods, devices, ips, networks, limit
// purpose: these identifiers and networks with how many accounts use each, and the newest of those accounts
CALL () {
  MATCH (i:PaymentMethod) WHERE i.id IN $payment_methods RETURN i
  UNION
  MATCH (i:Device) WHERE i.id IN $devices RETURN i
  UNION
  MATCH (i:IP) WHERE i.id IN $ips RETURN i
  UNION
  MATCH (i:Network) WHERE i.id IN $networks RETURN i
}
CALL (i) {
  MATCH (i)<-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-(a:Account) RETURN a
  UNION
  MATCH (i)<-[:IN]-(:IP)<-[:CONNECTS_FROM]-(a:Account) RETURN a
}
WITH i, a ORDER BY a.created_s DESC, a.id
WITH i, count(a) AS accounts, collect(a)[..$limit] AS newest
OPTIONAL MATCH (p:Pointer {name: 'published'})
RETURN labels(i)[0] AS label, i.id AS id, accounts, [a IN newest | a{.id, .risk, .label, level: coalesce(a.level, 'low'),
  created_at: toString(a.created_at), ring: [(a)-[m:MEMBER_OF]->(r:Ring) WHERE m.run = p.run_id | r.id][0]}] AS newest
ORDER BY label, id
