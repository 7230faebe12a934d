// name: rename_tokens
// parameters: payment_methods, devices, ips, networks
// purpose: Gives identifiers new ids: [id, new id] of each. Their links and all else that is known of them stay.
CALL () {
  UNWIND $payment_methods AS row
  MATCH (n:PaymentMethod {id: row[0]})
  SET n.id = row[1]
}
CALL () {
  UNWIND $devices AS row
  MATCH (n:Device {id: row[0]})
  SET n.id = row[1]
}
CALL () {
  UNWIND $ips AS row
  MATCH (n:IP {id: row[0]})
  SET n.id = row[1]
}
CALL () {
  UNWIND $networks AS row
  MATCH (n:Network {id: row[0]})
  SET n.id = row[1]
}
