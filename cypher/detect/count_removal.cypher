// name: count_removal
// parameters: none
// purpose: Counts that nodes are about to go, in the transaction that deletes them: an incremental pass under way remembers
//   nodes by node id, which the database may give to others, and writes nothing then.
OPTIONAL MATCH (p:Pointer {name: 'published'})
SET p.removals = coalesce(p.removals, 0) + 1
