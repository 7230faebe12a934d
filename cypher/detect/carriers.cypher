// name: carriers
// parameters: none
// purpose: The accounts that carry a risk, with it, and the identifiers that carry evidence from the published run (node ids).
CALL () { MATCH (a:Account) WHERE a.risk IS NOT NULL RETURN collect(id(a)) AS risky, collect(a.risk) AS risks }
CALL () {
  MATCH (i:PaymentMethod) WHERE i.k IS NOT NULL RETURN collect(id(i)) AS payment_methods
}
CALL () { MATCH (i:Device) WHERE i.k IS NOT NULL RETURN collect(id(i)) AS devices }
CALL () { MATCH (i:IP) WHERE i.k IS NOT NULL RETURN collect(id(i)) AS ips }
RETURN risky, risks, payment_methods + devices + ips AS evident
