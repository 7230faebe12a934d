// name: new_accounts
// parameters: as_of, most
// purpose: The newest accounts (node ids) made after a moment (epoch seconds), in one record.
MATCH (a:Account) WHERE a.created_at > datetime({epochSeconds: $as_of})
WITH a ORDER BY a.created_at DESC, a.id LIMIT $most
RETURN collect(id(a)) AS node
