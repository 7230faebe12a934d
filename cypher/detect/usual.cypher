// name: usual
// parameters: none
// purpose: The published run with what was usual when it looked at all of the graph, and the rings found since then.
MATCH (p:Pointer {name: 'published'})
MATCH (n:DetectionRun {id: p.run_id})
OPTIONAL MATCH (r:Ring {run: n.id}) WHERE r.found_at > n.finished_at
RETURN n.id AS run, n.usual AS usual, collect(r.id) AS since
