// name: new_accounts
// parameters: most
// purpose: The newest accounts (node ids) that no published run has read, in one record.
MATCH (a:Account) WHERE a.unread
WITH a ORDER BY a.created_at DESC, a.id LIMIT $most
RETURN collect(id(a)) AS node
