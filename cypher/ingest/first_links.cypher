// name: first_links
// parameters: payment_methods, devices, ips
// purpose: Which links are new: the places of those [place, account, identifier, first event (epoch seconds)] whose first
//   event is the link's own, in one record.
CALL () {
  UNWIND $payment_methods AS row
  MATCH (a:Account {id: row[1]})-[l:PAYS_WITH]->(:PaymentMethod {id: row[2]}) WHERE l.first_s = row[3]
  RETURN collect(row[0]) AS cards
}
CALL () {
  UNWIND $devices AS row
  MATCH (a:Account {id: row[1]})-[l:USES_DEVICE]->(:Device {id: row[2]}) WHERE l.first_s = row[3]
  RETURN collect(row[0]) AS devices
}
CALL () {
  UNWIND $ips AS row
  MATCH (a:Account {id: row[1]})-[l:CONNECTS_FROM]->(:IP {id: row[2]}) WHERE l.first_s = row[3]
  RETURN collect(row[0]) AS ips
}
RETURN cards + devices + ips AS places
