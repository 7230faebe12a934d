// name: set_risk
// parameters: nodes, risks, levels, reasons
// purpose: Sets the risk, level and reasons of accounts (node ids).
UNWIND range(0, size($nodes) - 1) AS row
MATCH (a:Account) WHERE id(a) = $nodes[row]
SET a.risk = $risks[row], a.level = $levels[row], a.reasons = $reasons[row]
