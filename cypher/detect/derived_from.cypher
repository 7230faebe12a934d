// name: derived_from
// parameters: none
// purpose: The derived identifier of this kind that each identifier is in, as node ids, in one record.
// kinds: derived
MATCH (i:CHILD_LABEL)-[:KIND_LINK]->(n:KIND_LABEL)
RETURN collect(id(i)) AS identifier, collect(id(n)) AS derived
