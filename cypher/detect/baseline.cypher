// name: baseline
// parameters: run
// purpose: The baseline of a run: what was usual in all of the graph (bytes), its counts (JSON text), and the version of its model.
MATCH (n:DetectionRun {id: $run})
RETURN n.usual AS usual, n.counts AS counts, n.model_version AS model_version
