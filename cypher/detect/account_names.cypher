// name: account_names
// parameters: nodes
// purpose: The ids of accounts, by node id.
UNWIND $nodes AS node
MATCH (a:Account) WHERE id(a) = node
RETURN collect(node) AS node, collect(a.id) AS id
