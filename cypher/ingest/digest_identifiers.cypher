// name: digest_identifiers
// parameters: none
// purpose: All identifiers.
MATCH (i:EVERY_LABEL)
RETURN labels(i)[0] AS label, i.id AS id
