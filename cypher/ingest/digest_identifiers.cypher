// name: digest_identifiers
// parameters: none
// purpose: All identifiers.
MATCH (i:PaymentMethod|Device|IP|Network)
RETURN labels(i)[0] AS label, i.id AS id
