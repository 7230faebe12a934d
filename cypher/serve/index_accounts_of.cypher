// name: index_accounts_of
// parameters: nodes
// purpose: These accounts (node ids) for the read index, as index_accounts gives them.
OPTIONAL MATCH (p:Pointer {name: 'published'})
WITH p.run_id AS run
UNWIND $nodes AS node
MATCH (a:Account) WHERE id(a) = node
WITH a, [(a)-[m:MEMBER_OF]->(r:Ring) WHERE m.run = run | r.id][0] AS ring,
  CASE WHEN a.unread IS NULL OR a.risk IS NOT NULL THEN null ELSE
// for each evidence kind, joined by +
    [(a)-[:KIND_LINK]->(n) | ['KIND_NAME', n.id]]
// end
  END AS identifiers
RETURN collect(CASE WHEN a.risk IS NULL AND a.label IS NULL AND ring IS NULL AND identifiers IS NULL THEN [a.id]
  ELSE [a.id, coalesce(a.risk, 0.0), a.label, ring, coalesce(a.reasons, '[]'), identifiers, coalesce(a.created_s, 0)] END) AS rows
