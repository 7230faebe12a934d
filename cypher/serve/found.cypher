// name: found
// parameters: accounts, identifiers
// purpose: What an incremental pass wrote about accounts and identifiers (node ids), as rows for the read index, in one record.
OPTIONAL MATCH (p:Pointer {name: 'published'})
WITH p.run_id AS run
CALL (run) {
  UNWIND $accounts AS node
  MATCH (a:Account) WHERE id(a) = node
  RETURN collect([a.id, coalesce(a.risk, 0.0), a.label, [(a)-[m:MEMBER_OF]->(r:Ring) WHERE m.run = run | r.id][0],
    coalesce(a.reasons, '[]'), null, coalesce(a.created_s, 0)]) AS accounts
}
CALL () {
  UNWIND $identifiers AS node
  MATCH (n) WHERE id(n) = node
  WITH n, CASE
// for each evidence kind
    WHEN n:KIND_LABEL THEN 'KIND_NAME'
// end
  END AS kind
  RETURN collect([kind, n.id, 0, [n.k, coalesce(n.j, 0.0), coalesce(n.window_from, 0), coalesce(n.window_to, 0),
    coalesce(n.sum_h, 0.0), coalesce(n.sum_hp, 0.0), coalesce(n.evidence_at, 0)], n.ring,
    coalesce(n.ring_members, 0)]) AS identifiers
}
RETURN accounts, identifiers
