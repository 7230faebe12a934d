// name: retire_similar
// parameters: run
// purpose: Removes the SIMILAR_TO links of all runs but the published one and one that is going on, in batches.
OPTIONAL MATCH (n:DetectionRun {state: 'running'})
WITH collect(n.id) AS running
MATCH (:Account)-[m:SIMILAR_TO]->() WHERE m.run <> $run AND NOT m.run IN running
CALL (m) { DELETE m } IN TRANSACTIONS OF 10000 ROWS
