// name: ip_links
// parameters: rows
// purpose: Writes links to IPs: [account, identifier, network, first, last, uses], times in microseconds.
UNWIND $rows AS row
MATCH (a:Account {id: row[0]})
MERGE (i:IP {id: row[1]})
MERGE (a)-[l:CONNECTS_FROM]->(i)
WITH l, row, datetime({epochSeconds: row[3] / 1000000, nanosecond: row[3] % 1000000 * 1000}) AS first, datetime({epochSeconds: row[4] / 1000000, nanosecond: row[4] % 1000000 * 1000}) AS last
SET l.first_seen = CASE WHEN l.first_seen <= first THEN l.first_seen ELSE first END,
  l.first_s = CASE WHEN l.first_s <= row[3] / 1000000 THEN l.first_s ELSE row[3] / 1000000 END,
  l.last_seen = CASE WHEN l.last_seen >= last THEN l.last_seen ELSE last END,
  l.uses = coalesce(l.uses, 0) + row[5]
