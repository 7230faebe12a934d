// name: project_members
// parameters: graph, source, target, weight
// purpose: Projects members of rings (node ids) with what they share inside their ring (numbers), for node similarity.
UNWIND range(0, size($source) - 1) AS row
RETURN gds.graph.project($graph, $source[row], $target[row], {relationshipProperties: {weight: $weight[row]}}) AS projected
