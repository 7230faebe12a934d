// name: allowed_nodes
// parameters: none
// purpose: The node ids of identifiers on the allow-list, with the addresses of each network on it, in one record.
MATCH (n:Allowed)
CALL (n) {
  WITH n WHERE n.kind = 'payment_method' MATCH (i:PaymentMethod {id: n.identifier}) RETURN id(i) AS node
  UNION ALL
  WITH n WHERE n.kind = 'device' MATCH (i:Device {id: n.identifier}) RETURN id(i) AS node
  UNION ALL
  WITH n WHERE n.kind = 'ip' MATCH (i:IP {id: n.identifier}) RETURN id(i) AS node
  UNION ALL
  WITH n WHERE n.kind = 'network' MATCH (i:Network {id: n.identifier})<-[:IN]-(ip:IP) RETURN id(ip) AS node
}
RETURN collect(node) AS node
