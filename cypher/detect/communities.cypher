// name: communities
// parameters: graph, property
// purpose: The community of each node of a projection (node ids), in one record.
CALL gds.graph.nodeProperty.stream($graph, $property) YIELD nodeId, propertyValue
RETURN collect(nodeId) AS node, collect(propertyValue) AS community
