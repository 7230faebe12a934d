// name: account_evidence
// parameters: account
// purpose: An account's risk, reasons and ring as the published run left them; no row if there is no such account.
// Identifiers are given only for an account that no published run has read, and that nothing has scored; else null.
MATCH (a:Account {id: $account})
OPTIONAL MATCH (p:Pointer {name: 'published'})
OPTIONAL MATCH (a)-[:MEMBER_OF {run: p.run_id}]->(ring:Ring)
RETURN a.id AS id, coalesce(a.risk, 0.0) AS risk, coalesce(a.reasons, '[]') AS reasons, a.label AS label,
  ring {.id, .score, .level, .size, .status, .status_at} AS ring,
  CASE WHEN ring IS NULL THEN 0 ELSE coalesce(a.created_s, 0) END AS created,
  CASE WHEN a.unread IS NULL OR a.risk IS NOT NULL THEN null ELSE
// for each evidence kind, joined by +
    [(a)-[:KIND_LINK]->(n) | ['KIND_NAME', n.id]]
// end
  END AS identifiers
LIMIT 1
