// name: keep_usual
// parameters: run, usual
// purpose: Keeps with a run what is usual in all of the graph (bytes), for looks at a part of it.
MATCH (n:DetectionRun {id: $run})
SET n.usual = $usual
