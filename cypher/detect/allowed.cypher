// name: allowed
// parameters: none
// purpose: The allow-list, oldest entry first, with the number of accounts on each identifier (null: not in the graph).
MATCH (n:Allowed)
OPTIONAL CALL (n) {
  WITH n WHERE n.kind = 'payment_method' MATCH (i:PaymentMethod {id: n.identifier}) RETURN COUNT { (i)<-[:PAYS_WITH]-() } AS accounts
  UNION ALL
  WITH n WHERE n.kind = 'device' MATCH (i:Device {id: n.identifier}) RETURN COUNT { (i)<-[:USES_DEVICE]-() } AS accounts
  UNION ALL
  WITH n WHERE n.kind = 'ip' MATCH (i:IP {id: n.identifier}) RETURN COUNT { (i)<-[:CONNECTS_FROM]-() } AS accounts
  UNION ALL
  WITH n WHERE n.kind = 'network' MATCH (i:Network {id: n.identifier})
  RETURN COUNT { MATCH (i)<-[:IN]-(:IP)<-[:CONNECTS_FROM]-(a) RETURN DISTINCT a } AS accounts
}
RETURN n.kind AS kind, n.identifier AS identifier, n.who AS who, n.why AS why, toString(n.at) AS at, accounts
ORDER BY n.at, n.id
