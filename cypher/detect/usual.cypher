// name: usual
// parameters: run
// purpose: What was usual when this run looked at all of the graph (bytes), and its counts (JSON text).
MATCH (n:DetectionRun {id: $run})
RETURN n.usual AS usual, n.counts AS counts
