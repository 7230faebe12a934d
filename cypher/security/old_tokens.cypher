// name: old_tokens
// parameters: key, page
// purpose: Some of the identifiers whose token is under this key, by label.
CALL () {
  MATCH (n:PaymentMethod) WHERE n.id STARTS WITH 'pm_' + $key
  WITH n LIMIT $page RETURN collect(n.id) AS payment_methods
}
CALL () {
  MATCH (n:Device) WHERE n.id STARTS WITH 'dv_' + $key
  WITH n LIMIT $page RETURN collect(n.id) AS devices
}
CALL () {
  MATCH (n:IP) WHERE n.id STARTS WITH 'ip_' + $key
  WITH n LIMIT $page RETURN collect(n.id) AS ips
}
CALL () {
  MATCH (n:Network) WHERE n.id STARTS WITH 'nw_' + $key
  WITH n LIMIT $page RETURN collect(n.id) AS networks
}
RETURN payment_methods, devices, ips, networks
