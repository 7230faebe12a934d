// name: rings_of_term
// parameters: text, payment_methods, devices, ips, networks
// purpose: ids of the rings that a search term leads to: a ring's id, a member, or an identifier or
//   network that members use
CALL () {
  MATCH (r:Ring) WHERE r.id STARTS WITH toUpper($text) RETURN r.id AS id
  UNION
  MATCH (:Account {id: $text})-[m:MEMBER_OF]->(r:Ring) RETURN r.id AS id
  UNION
  MATCH (i:PaymentMethod) WHERE i.id IN $payment_methods
  MATCH (i)<-[:PAYS_WITH]-(:Account)-[:MEMBER_OF]->(r:Ring) RETURN DISTINCT r.id AS id
  UNION
  MATCH (i:Device) WHERE i.id IN $devices
  MATCH (i)<-[:USES_DEVICE]-(:Account)-[:MEMBER_OF]->(r:Ring) RETURN DISTINCT r.id AS id
  UNION
  MATCH (i:IP) WHERE i.id IN $ips
  MATCH (i)<-[:CONNECTS_FROM]-(:Account)-[:MEMBER_OF]->(r:Ring) RETURN DISTINCT r.id AS id
  UNION
  MATCH (n:Network) WHERE n.id IN $networks
  MATCH (n)<-[:IN]-(:IP)<-[:CONNECTS_FROM]-(:Account)-[:MEMBER_OF]->(r:Ring) RETURN DISTINCT r.id AS id
}
RETURN collect(DISTINCT id) AS ids
