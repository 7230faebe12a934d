// name: clear_risk
// parameters: nodes
// purpose: Takes risk, level and reasons away from accounts (node ids) that no longer have any.
UNWIND $nodes AS node
MATCH (a:Account) WHERE id(a) = node
REMOVE a.risk, a.level, a.reasons
