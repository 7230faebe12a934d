// name: index_identifiers_of
// parameters: nodes
// purpose: These identifiers (node ids) for the read index, as index_identifiers gives them, each with its kind before.
UNWIND $nodes AS node
MATCH (n:EVIDENCE_LABEL) WHERE id(n) = node
WITH CASE
// for each evidence kind
    WHEN n:KIND_LABEL THEN 'KIND_NAME'
// end
  END AS kind, n.id AS id, COUNT { (n)<-[:EVIDENCE_LINK]-() } AS accounts, n.ring AS ring, coalesce(n.ring_members, 0) AS members,
  CASE WHEN n.k IS NULL THEN null ELSE [n.k, coalesce(n.j, 0.0), coalesce(n.window_from, 0), coalesce(n.window_to, 0),
    coalesce(n.sum_h, 0.0), coalesce(n.sum_hp, 0.0), coalesce(n.evidence_at, 0)] END AS evidence
RETURN collect(CASE WHEN evidence IS NULL AND ring IS NULL THEN [kind, id, accounts]
  ELSE [kind, id, accounts, evidence, ring, members] END) AS rows
