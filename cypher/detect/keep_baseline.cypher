// name: keep_baseline
// parameters: run, usual
// purpose: Keeps with a run its baseline, what is usual in all of the graph (bytes), for the incremental passes.
MATCH (n:DetectionRun {id: $run})
SET n.usual = $usual
