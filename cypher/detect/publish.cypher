// name: publish
// parameters: run, counts, timings
// purpose: Moves the pointer to a run that is complete; the run before it is retired. No row if another run was started meanwhile, which ended this one.
MATCH (n:DetectionRun {id: $run, state: 'running'})
MERGE (p:Pointer {name: 'published'})
WITH n, p, p.run_id AS before
SET p.run_id = $run, n.state = 'published', n.finished_at = datetime(), n.counts = $counts, n.timings = $timings
WITH n, before
OPTIONAL MATCH (old:DetectionRun {id: before}) WHERE old.id <> $run
SET old.state = 'retired', old.usual = null
RETURN n.id AS run
