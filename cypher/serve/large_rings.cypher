// name: large_rings
// parameters: above
// purpose: the published rings with more members than this, largest first
MATCH (p:Pointer {name: 'published'})
MATCH (r:Ring {run: p.run_id})
WHERE r.size > $above
WITH r ORDER BY r.size DESC, r.id
RETURN collect(r{.id, .run, .size}) AS rings
