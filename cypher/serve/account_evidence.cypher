// name: account_evidence
// parameters: account, as_of, started
// purpose: An account's risk, reasons and ring as the published run left them; no row if there is no such account.
// Identifiers are given only for an account that the run can't have read: it came to the graph after the run started (or,
// where that is not known, its events are newer than the run's last, $as_of; epoch seconds), and nothing has scored it.
MATCH (a:Account {id: $account})
OPTIONAL MATCH (p:Pointer {name: 'published'})
OPTIONAL MATCH (a)-[:MEMBER_OF {run: p.run_id}]->(ring:Ring)
RETURN a.id AS id, coalesce(a.risk, 0.0) AS risk, coalesce(a.reasons, '[]') AS reasons, a.label AS label,
  ring {.id, .score, .level, .size, .status, .status_at} AS ring,
  CASE WHEN ring IS NULL THEN 0 ELSE coalesce(a.created_s, 0) END AS created,
  CASE WHEN coalesce(a.arrived_s < $started, a.created_s <= $as_of) OR a.risk IS NOT NULL THEN [] ELSE
// for each evidence kind, joined by +
    [(a)-[:KIND_LINK]->(n) | ['KIND_NAME', n.id]]
// end
  END AS identifiers
LIMIT 1
