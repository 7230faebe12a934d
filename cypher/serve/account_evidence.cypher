// name: account_evidence
// parameters: account
// purpose: An account's risk, reasons and ring as the published run left them; no row if there is no such account.
MATCH (a:Account {id: $account})
OPTIONAL MATCH (p:Pointer {name: 'published'})
OPTIONAL MATCH (a)-[:MEMBER_OF {run: p.run_id}]->(ring:Ring)
RETURN a.id AS id, coalesce(a.risk, 0.0) AS risk, coalesce(a.reasons, '[]') AS reasons, a.label AS label,
  ring {.id, .score, .level, .size, .status} AS ring
LIMIT 1
