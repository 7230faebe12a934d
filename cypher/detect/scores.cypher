// name: scores
// parameters: after, limit
// purpose: Accounts with their published score, level, ring and reasons, in order of id, one page.
OPTIONAL MATCH (p:Pointer {name: 'published'})
WITH p.run_id AS run
MATCH (a:Account) WHERE a.id > $after
WITH a, run ORDER BY a.id LIMIT $limit
OPTIONAL MATCH (a)-[:MEMBER_OF {run: run}]->(r:Ring)
WITH a, head(collect(r.id)) AS ring ORDER BY a.id
RETURN collect(a.id) AS id, collect(coalesce(a.risk, 0.0)) AS risk, collect(coalesce(a.level, 'low')) AS level,
       collect(coalesce(ring, '')) AS ring, collect(coalesce(a.reasons, '[]')) AS reasons
