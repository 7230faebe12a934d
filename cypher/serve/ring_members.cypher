// name: ring_members
// parameters: id, sort, descending, offset, limit
// purpose: some members of a ring, in the order asked for
MATCH (p:Pointer {name: 'published'})
MATCH (r:Ring {id: $id})<-[m:MEMBER_OF]-(a:Account)
WHERE m.run = p.run_id
WITH a, m.strength AS strength, CASE $sort
    WHEN 'strength' THEN m.strength
    WHEN 'risk' THEN coalesce(a.risk, 0.0)
    WHEN 'created_at' THEN a.created_at.epochSeconds
    WHEN 'label' THEN coalesce(a.label, '')
    ELSE a.id
  END AS key
ORDER BY CASE WHEN $descending THEN key END DESC, CASE WHEN NOT $descending THEN key END, a.id
SKIP $offset LIMIT $limit
WITH a, strength, COUNT { (a)-[:SENT_LINK]->() } AS links
RETURN collect({id: a.id, created_at: toString(a.created_at), strength: strength, risk: a.risk,
  level: coalesce(a.level, 'low'), label: a.label, links: links}) AS members
