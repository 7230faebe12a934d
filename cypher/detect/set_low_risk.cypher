// name: set_low_risk
// parameters: nodes, names, risks
// purpose: Sets the risk of accounts (node and own ids) that had no level and no reasons and have none now.
UNWIND range(0, size($nodes) - 1) AS row
MATCH (a:Account) WHERE id(a) = $nodes[row] AND a.id = $names[row]
SET a.risk = $risks[row]
