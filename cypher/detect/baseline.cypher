// name: baseline
// parameters: run
// purpose: The baseline of a run: what was usual in all of the graph (bytes), and its counts (JSON text).
MATCH (n:DetectionRun {id: $run})
RETURN n.usual AS usual, n.counts AS counts
