// name: identifier_names
// parameters: nodes
// purpose: The ids of identifiers, by node id.
UNWIND $nodes AS node
MATCH (i) WHERE id(i) = node
RETURN collect(node) AS node, collect(i.id) AS id
