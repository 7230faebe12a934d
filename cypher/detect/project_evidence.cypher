// name: project_evidence
// parameters: graph, source, target, pruned, soft
// purpose: Projects the links that have evidence, from account to identifier or burst (node ids), with one weight for each view.
UNWIND range(0, size($source) - 1) AS row
RETURN gds.graph.project($graph, $source[row], $target[row],
  {relationshipProperties: {pruned: $pruned[row], soft: $soft[row]}}, {undirectedRelationshipTypes: ['*']}) AS projected
