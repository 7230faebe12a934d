// name: signup_evidence
// parameters: ids, now, bound
// purpose: What is known of a signup's identifiers ($ids: id by kind), with when accounts came to them in the last day or later.
// Labels and fresh signups are counted only on identifiers with at most $bound accounts: walking a carrier's takes too long.
CALL () {
// for each evidence kind, joined by UNION ALL
  MATCH (n:KIND_LABEL {id: $ids.KIND_NAME}) RETURN 'KIND_NAME' AS kind, 'KIND_ROLE' AS role, n
// end
}
WITH kind, role, n, COUNT { (n)<-[:EVIDENCE_LINK]-() } AS accounts
CALL (n, role, accounts) {
  WITH n, role, accounts WHERE accounts <= $bound
  MATCH (n)<-[l:EVIDENCE_LINK]-(a:Account)
  WITH a, l, role <> 'place' OR l.first_s <= a.created_s + 86400 AS signup
  RETURN
    sum(CASE a.label WHEN 'fraud' THEN 1 ELSE 0 END) AS fraud,
    sum(CASE a.label WHEN 'legitimate' THEN 1 ELSE 0 END) AS legitimate,
    collect(CASE WHEN l.first_s >= $now - 86400 AND signup THEN l.first_s END) AS came
}
OPTIONAL MATCH (ring:Ring {id: n.ring})
RETURN kind, accounts, fraud, legitimate, came, coalesce(n.k, 0) AS k, coalesce(n.j, 0.0) AS j, coalesce(n.window_from, 0) AS window_from,
  coalesce(n.window_to, 0) AS window_to, coalesce(n.sum_h, 0.0) AS sum_h, coalesce(n.sum_hp, 0.0) AS sum_hp,
  coalesce(n.evidence_at, 0) AS at, coalesce(n.ring_members, 0) AS ring_members,
  ring {.id, .score, .level, .size, .status, .status_at} AS ring
