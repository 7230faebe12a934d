// name: mark_unread
// parameters: after
// purpose: Marks the accounts that were made after a moment (epoch seconds) as read by no run.
MATCH (a:Account) WHERE a.created_at > datetime({epochSeconds: $after}) AND a.unread IS NULL
CALL (a) { SET a.unread = true } IN TRANSACTIONS OF 10000 ROWS
