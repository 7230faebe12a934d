// name: project_evidence
// parameters: graph, source, target, shared, soft
// purpose: Projects the links to what is shared, from account to identifier or burst (node ids), with one weight for each view.
UNWIND range(0, size($source) - 1) AS row
RETURN gds.graph.project($graph, $source[row], $target[row],
  {relationshipProperties: {shared: $shared[row], soft: $soft[row]}}, {undirectedRelationshipTypes: ['*']}) AS projected
