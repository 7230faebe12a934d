// name: replay_accounts
// parameters: since, least
// purpose: Accounts created since a time (epoch seconds) with at least this risk: id, risk, ring and label, as one list; and how many there are at all.
MATCH (a:Account) WHERE a.created_at >= datetime({epochSeconds: $since})
WITH count(a) AS accounts
OPTIONAL MATCH (p:Pointer {name: 'published'})
OPTIONAL MATCH (b:Account) WHERE b.created_at >= datetime({epochSeconds: $since}) AND b.risk >= $least
OPTIONAL MATCH (b)-[:MEMBER_OF {run: p.run_id}]->(ring:Ring)
RETURN accounts, collect(CASE WHEN b IS NULL THEN null ELSE [b.id, b.risk, ring.id, b.label] END) AS rows
