// name: release_incremental_lease
// parameters: who
// purpose: Gives the lease of incremental passes back.
MATCH (p:Pointer {name: 'published', look_by: $who})
SET p.look_until = 0
