// name: retire_similar
// parameters: run
// purpose: Removes the SIMILAR_TO links of all runs but the published one, in batches.
MATCH (:Account)-[m:SIMILAR_TO]->() WHERE m.run <> $run
CALL (m) { DELETE m } IN TRANSACTIONS OF 10000 ROWS
