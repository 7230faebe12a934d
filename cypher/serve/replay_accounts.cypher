// name: replay_accounts
// parameters: since, least
// purpose: Accounts created since a time (epoch seconds) that may be answered with at least this risk (by the run, or by
//   what people decided): id, risk, ring, label, reasons and birth, as one list; their rings; and how many accounts there
//   are at all.
MATCH (a:Account) WHERE a.created_at >= datetime({epochSeconds: $since})
WITH count(a) AS accounts
OPTIONAL MATCH (p:Pointer {name: 'published'})
WITH accounts, p.run_id AS run
CALL (run) {
  MATCH (b:Account) WHERE b.created_at >= datetime({epochSeconds: $since})
  OPTIONAL MATCH (b)-[m:MEMBER_OF]->(ring:Ring) WHERE m.run = run
  WITH b, ring WHERE b.risk >= $least OR b.label = 'fraud' OR ring.status = 'confirmed'
    OR (ring.status <> 'dismissed' AND b.reasons CONTAINS 'ring_dismissed')
  RETURN collect([b.id, coalesce(b.risk, 0.0), ring.id, b.label, coalesce(b.reasons, '[]'), coalesce(b.created_s, 0)]) AS rows,
    collect(DISTINCT ring {.id, .score, .level, .size, .status, .status_at}) AS rings
}
RETURN accounts, rows, rings
