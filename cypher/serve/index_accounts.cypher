// name: index_accounts
// parameters: after, page
// purpose: The next $page accounts for the read index, in order of id: one record with one list, and the last id.
// Identifiers are given only for accounts that no published run has read, and that nothing has scored; else null.
OPTIONAL MATCH (p:Pointer {name: 'published'})
WITH p.run_id AS run
MATCH (a:Account) WHERE a.id > $after
WITH run, a ORDER BY a.id LIMIT $page
WITH a, [(a)-[m:MEMBER_OF]->(r:Ring) WHERE m.run = run | r.id][0] AS ring,
  CASE WHEN a.unread IS NULL OR a.risk IS NOT NULL THEN null ELSE
// for each evidence kind, joined by +
    [(a)-[:KIND_LINK]->(n) | ['KIND_NAME', n.id]]
// end
  END AS identifiers
RETURN collect(CASE WHEN a.risk IS NULL AND a.label IS NULL AND ring IS NULL AND identifiers IS NULL THEN [a.id]
  ELSE [a.id, coalesce(a.risk, 0.0), a.label, ring, coalesce(a.reasons, '[]'), identifiers, coalesce(a.created_s, 0)] END) AS rows,
  max(a.id) AS last
