// name: accounts
// parameters: rows
// purpose: Writes accounts: [id, signup, first, last, uses], times in microseconds since 1970; a signup decides created_at.
UNWIND $rows AS row
MERGE (a:Account {id: row[0]})
WITH a, row,
  coalesce(row[1], row[2]) AS us,
  CASE WHEN row[1] IS NULL THEN 'event' ELSE 'signup' END AS from,
  datetime({epochSeconds: row[3] / 1000000, nanosecond: row[3] % 1000000 * 1000}) AS last
WITH a, row, us, from, last, datetime({epochSeconds: us / 1000000, nanosecond: us % 1000000 * 1000}) AS at
WITH a, row, us, from, at, last,
  a.created_from IS NULL OR (from = 'signup' AND a.created_from = 'event')
    OR (from = a.created_from AND at < a.created_at) AS better
SET a.created_at = CASE WHEN better THEN at ELSE a.created_at END,
  a.created_s = CASE WHEN better THEN us / 1000000 ELSE a.created_s END,
  a.created_from = CASE WHEN better THEN from ELSE a.created_from END,
  a.last_seen = CASE WHEN a.last_seen >= last THEN a.last_seen ELSE last END,
  a.uses = coalesce(a.uses, 0) + row[4]
