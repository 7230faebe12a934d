// name: publish
// parameters: run, counts, timings
// purpose: Moves the pointer to a run that is complete; the run before it is retired.
MERGE (p:Pointer {name: 'published'})
WITH p, p.run_id AS before
SET p.run_id = $run
WITH before
MATCH (n:DetectionRun {id: $run})
SET n.state = 'published', n.finished_at = datetime(), n.counts = $counts, n.timings = $timings
WITH before
OPTIONAL MATCH (old:DetectionRun {id: before}) WHERE old.id <> $run
SET old.state = 'retired', old.usual = null
