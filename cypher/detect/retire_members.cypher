// name: retire_members
// parameters: run
// purpose: Removes the MEMBER_OF links of all runs but the published one, in batches.
MATCH (:Account)-[m:MEMBER_OF]->() WHERE m.run <> $run
CALL (m) { DELETE m } IN TRANSACTIONS OF 10000 ROWS
