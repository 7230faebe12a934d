// name: unread_accounts
// parameters: none
// purpose: The accounts that no published run has read: node ids, their own ids and creation (epoch seconds), in one record.
MATCH (a:Account) WHERE a.unread
RETURN collect(id(a)) AS node, collect(a.id) AS name, collect(a.created_s) AS created
