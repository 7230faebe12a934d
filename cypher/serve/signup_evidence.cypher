// name: signup_evidence
// parameters: payment_method, device, ip, now, bound
// purpose: What is known of a signup's identifiers (null: not given).
// Labels and fresh signups are counted only on identifiers with at most $bound accounts: walking a carrier's takes too long.
CALL () {
  MATCH (n:PaymentMethod {id: $payment_method}) RETURN 'payment_method' AS kind, n
  UNION ALL
  MATCH (n:Device {id: $device}) RETURN 'device' AS kind, n
  UNION ALL
  MATCH (n:IP {id: $ip}) RETURN 'ip' AS kind, n
}
WITH kind, n, COUNT { (n)<-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-() } AS accounts
CALL (n, accounts) {
  WITH n, accounts WHERE accounts <= $bound
  MATCH (n)<-[l:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-(a:Account)
  WITH a, l, NOT n:IP OR l.first_s <= a.created_s + 86400 AS signup
  RETURN
    sum(CASE a.label WHEN 'fraud' THEN 1 ELSE 0 END) AS fraud,
    sum(CASE a.label WHEN 'legitimate' THEN 1 ELSE 0 END) AS legitimate,
    sum(CASE WHEN l.first_s > $now - 600 AND signup THEN 1 ELSE 0 END) AS recent,
    sum(CASE WHEN l.first_s > $now - 86400 AND signup THEN 1 ELSE 0 END) AS last_day
}
OPTIONAL MATCH (ring:Ring {id: n.ring})
RETURN kind, accounts, fraud, legitimate, recent, last_day, n.kind AS address_kind,
  coalesce(n.k, 0) AS k, coalesce(n.j, 0.0) AS j, coalesce(n.window_from, 0) AS window_from,
  coalesce(n.window_to, 0) AS window_to, coalesce(n.sum_h, 0.0) AS sum_h, coalesce(n.sum_hp, 0.0) AS sum_hp,
  coalesce(n.evidence_at, 0) AS at, coalesce(n.ring_members, 0) AS ring_members,
  ring {.id, .score, .level, .size, .status, .status_at} AS ring
