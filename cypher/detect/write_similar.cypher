// name: write_similar
// parameters: graph, run, type, property
// purpose: Writes the similarities found in a projection between members of one ring, under a run's id, in batches.
CALL gds.graph.relationshipProperty.stream($graph, $property, [$type])
YIELD sourceNodeId, targetNodeId, propertyValue
WHERE sourceNodeId < targetNodeId
CALL (sourceNodeId, targetNodeId, propertyValue) {
  MATCH (a:Account) WHERE id(a) = sourceNodeId
  MATCH (b:Account) WHERE id(b) = targetNodeId
  WITH a, b, [(a)-[:MEMBER_OF {run: $run}]->(r:Ring) | r.id] AS mine, [(b)-[:MEMBER_OF {run: $run}]->(r:Ring) | r.id] AS theirs
  WHERE mine = theirs
  CREATE (a)-[:SIMILAR_TO {run: $run, score: propertyValue}]->(b)
} IN TRANSACTIONS OF 5000 ROWS
RETURN count(*) AS pairs
