// name: risky_accounts
// parameters: none
// purpose: The accounts (node ids) that carry a risk from the published run.
MATCH (a:Account) WHERE a.risk IS NOT NULL
RETURN collect(id(a)) AS node
