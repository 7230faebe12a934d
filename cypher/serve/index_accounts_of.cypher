// name: index_accounts_of
// parameters: nodes, rings
// purpose: These accounts (node ids) for the read index, as index_accounts gives them. $rings: the ring of each or null, if it
//   is known (index_members); else null, and it is looked up.
OPTIONAL MATCH (p:Pointer {name: 'published'})
WITH p.run_id AS run
UNWIND range(0, size($nodes) - 1) AS row
MATCH (a:Account) WHERE id(a) = $nodes[row]
WITH a, CASE WHEN $rings IS NOT NULL THEN $rings[row]
    ELSE [(a)-[m:MEMBER_OF]->(r:Ring) WHERE m.run = run | r.id][0] END AS ring,
  CASE WHEN a.unread IS NULL OR a.risk IS NOT NULL THEN null ELSE
// for each evidence kind, joined by +
    [(a)-[:KIND_LINK]->(n) | ['KIND_NAME', n.id]]
// end
  END AS identifiers
RETURN collect(CASE WHEN a.risk IS NULL AND a.label IS NULL AND ring IS NULL AND identifiers IS NULL THEN [a.id]
  ELSE [a.id, coalesce(a.risk, 0.0), a.label, ring, coalesce(a.reasons, '[]'), identifiers, coalesce(a.created_s, 0)] END) AS rows
