// name: find_accounts
// parameters: text, limit
// purpose: the first accounts whose id is, or begins with, a text, each with its published ring
MATCH (a:Account) WHERE a.id STARTS WITH $text
WITH a ORDER BY a.id LIMIT $limit
OPTIONAL MATCH (p:Pointer {name: 'published'})
OPTIONAL MATCH (a)-[m:MEMBER_OF]->(r:Ring) WHERE m.run = p.run_id
WITH a, r ORDER BY a.id
RETURN collect(a{.id, .risk, .label, level: coalesce(a.level, 'low'), created_at: toString(a.created_at), ring: r.id})
  AS accounts
