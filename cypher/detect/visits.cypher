// name: visits
// parameters: graph, property, least
// purpose: The nodes of a projection (node ids) that walks from labelled accounts come to, with how often, in one record.
CALL gds.graph.nodeProperty.stream($graph, $property) YIELD nodeId, propertyValue
WHERE propertyValue > $least
RETURN collect(nodeId) AS node, collect(propertyValue) AS visits
