// name: clear_risk
// parameters: nodes, names
// purpose: Takes risk, level and reasons away from accounts (node and own ids) that no longer have any.
UNWIND range(0, size($nodes) - 1) AS row
MATCH (a:Account) WHERE id(a) = $nodes[row] AND a.id = $names[row]
REMOVE a.risk, a.level, a.reasons
