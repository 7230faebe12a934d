// name: write_similar
// parameters: graph, run, type, property
// purpose: Writes the similarities found in a projection, under a run's id, in batches: between accounts that the run has
//   put into rings by their own ids, as a node id may be another's by now.
CALL gds.graph.relationshipProperty.stream($graph, $property, [$type])
YIELD sourceNodeId, targetNodeId, propertyValue
WHERE sourceNodeId < targetNodeId
CALL (sourceNodeId, targetNodeId, propertyValue) {
  MATCH (a:Account) WHERE id(a) = sourceNodeId AND EXISTS { (a)-[:MEMBER_OF {run: $run}]->() }
  MATCH (b:Account) WHERE id(b) = targetNodeId AND EXISTS { (b)-[:MEMBER_OF {run: $run}]->() }
  CREATE (a)-[:SIMILAR_TO {run: $run, score: propertyValue}]->(b)
} IN TRANSACTIONS OF 20000 ROWS
RETURN count(*) AS pairs
