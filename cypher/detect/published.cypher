// name: published
// parameters: none
// purpose: The published run's id, the ring of each of its members (node ids), and for how many runs each was found outside of it.
OPTIONAL MATCH (p:Pointer {name: 'published'})
OPTIONAL MATCH (a:Account)-[m:MEMBER_OF {run: p.run_id}]->(r:Ring)
RETURN p.run_id AS run, collect(id(a)) AS node, collect(r.id) AS ring, collect(coalesce(m.below, 0)) AS below
