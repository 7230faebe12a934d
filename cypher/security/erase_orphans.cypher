// name: erase_orphans
// parameters: payment_methods, devices, ips, networks
// purpose: Deletes those of the identifiers, and then of the networks, that no account uses any more.
CALL () {
  MATCH (i:PaymentMethod) WHERE i.id IN $payment_methods AND NOT EXISTS { (i)<-[:PAYS_WITH]-() }
  DETACH DELETE i RETURN count(*) AS payment_methods
}
CALL () {
  MATCH (i:Device) WHERE i.id IN $devices AND NOT EXISTS { (i)<-[:USES_DEVICE]-() }
  DETACH DELETE i RETURN count(*) AS devices
}
CALL () {
  MATCH (i:IP) WHERE i.id IN $ips AND NOT EXISTS { (i)<-[:CONNECTS_FROM]-() }
  DETACH DELETE i RETURN count(*) AS ips
}
CALL () {
  MATCH (n:Network) WHERE n.id IN $networks AND NOT EXISTS { (n)<-[:IN]-() }
  DETACH DELETE n RETURN count(*) AS networks
}
RETURN payment_methods + devices + ips + networks AS identifiers
