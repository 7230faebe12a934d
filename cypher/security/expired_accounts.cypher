// name: expired_accounts
// parameters: keep_days, most
// purpose: Accounts without an event for so many days, some of them at a time.
MATCH (a:Account) WHERE coalesce(a.last_seen, a.created_at) < datetime() - duration({days: $keep_days})
WITH a LIMIT $most
RETURN collect(a.id) AS accounts
