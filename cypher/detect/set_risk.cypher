// name: set_risk
// parameters: nodes, names, risks, levels, reasons
// purpose: Sets the risk, level and reasons of accounts (node and own ids).
UNWIND range(0, size($nodes) - 1) AS row
MATCH (a:Account) WHERE id(a) = $nodes[row] AND a.id = $names[row]
SET a.risk = $risks[row], a.level = $levels[row], a.reasons = $reasons[row]
