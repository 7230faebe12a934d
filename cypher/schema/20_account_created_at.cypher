// name: 20_account_created_at
// parameters: none
// purpose: Finds accounts by the time they were made.
CREATE INDEX account_created_at IF NOT EXISTS FOR (n:Account) ON (n.created_at)
