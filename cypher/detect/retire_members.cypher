// name: retire_members
// parameters: run
// purpose: Removes the MEMBER_OF links of all runs but the published one and one that is going on, in batches.
OPTIONAL MATCH (n:DetectionRun {state: 'running'})
WITH collect(n.id) AS running
MATCH (:Account)-[m:MEMBER_OF]->() WHERE m.run <> $run AND NOT m.run IN running
CALL (m) { DELETE m } IN TRANSACTIONS OF 10000 ROWS
