// name: risks_of
// parameters: nodes
// purpose: The published risk of those of these accounts (node ids) that carry one, in one record.
UNWIND $nodes AS one
MATCH (a:Account) WHERE id(a) = one AND a.risk IS NOT NULL
RETURN collect(one) AS node, collect(a.risk) AS risk
