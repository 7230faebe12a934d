// name: nodes_of
// parameters: accounts, most
// purpose: The node ids of these accounts (ids), the newest $most of them, in one record.
UNWIND $accounts AS account
MATCH (a:Account {id: account})
WITH a ORDER BY a.created_s DESC, a.id LIMIT $most
RETURN collect(id(a)) AS node
