// name: project_ties
// parameters: graph, source, target
// purpose: Projects links from accounts to the cards and devices that tie them together (node ids).
UNWIND range(0, size($source) - 1) AS row
RETURN gds.graph.project($graph, $source[row], $target[row], {}, {undirectedRelationshipTypes: ['*']}) AS projected
