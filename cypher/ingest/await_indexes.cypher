// name: await_indexes
// parameters: none
// purpose: Waits until all indexes are online, so that the first MERGE uses them.
CALL db.awaitIndexes(300)
