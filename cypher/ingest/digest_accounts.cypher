// name: digest_accounts
// parameters: none
// purpose: All that ingest keeps of accounts.
MATCH (a:Account)
RETURN a.id AS id, toString(a.created_at) AS created_at, a.created_s AS created_s, a.created_from AS created_from,
  toString(a.last_seen) AS last_seen, a.uses AS uses
