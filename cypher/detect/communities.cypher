// name: communities
// parameters: graph, property, minimum
// purpose: The communities found in a projection that have this many nodes or more, as lists of node ids.
CALL gds.graph.nodeProperty.stream($graph, $property) YIELD nodeId, propertyValue
WITH propertyValue AS community, collect(nodeId) AS nodes
WHERE size(nodes) >= $minimum
RETURN nodes
