// name: project_members
// parameters: graph, run, most
// purpose: Projects the members of a run's rings with the identifiers that they share with few others, for node similarity.
MATCH (a:Account)-[:MEMBER_OF {run: $run}]->(:Ring)
MATCH (a)-[l:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]->(i)
WITH a, i, COUNT { (i)<-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-() } AS k
WHERE k >= 2 AND k <= $most
RETURN gds.graph.project($graph, a, i, {relationshipProperties: {weight: 1.0 / log(1.0 + k)}}) AS projected
