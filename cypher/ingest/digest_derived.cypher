// name: digest_derived
// parameters: none
// purpose: Which identifier is in which derived one (an IP in its network).
MATCH (i:SENT_LABEL)-[:DERIVED_LINK]->(n:DERIVED_LABEL)
RETURN i.id AS identifier, n.id AS derived
