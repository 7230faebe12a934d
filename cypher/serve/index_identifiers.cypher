// name: index_identifiers
// parameters: after, page
// purpose: The next $page identifiers of this kind for the read index, in order of id: one record with one list, and the last id.
// kinds: evidence
MATCH (n:KIND_LABEL) WHERE n.id > $after
WITH n ORDER BY n.id LIMIT $page
WITH n.id AS id, COUNT { (n)<-[:KIND_LINK]-() } AS accounts, n.ring AS ring, coalesce(n.ring_members, 0) AS members,
  CASE WHEN n.k IS NULL THEN null ELSE [n.k, coalesce(n.j, 0.0), coalesce(n.window_from, 0), coalesce(n.window_to, 0),
    coalesce(n.sum_h, 0.0), coalesce(n.sum_hp, 0.0), coalesce(n.evidence_at, 0)] END AS evidence
RETURN collect(CASE WHEN evidence IS NULL AND ring IS NULL THEN [id, accounts]
  ELSE [id, accounts, evidence, ring, members] END) AS rows, max(id) AS last
