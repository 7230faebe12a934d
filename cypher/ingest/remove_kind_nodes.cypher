// name: remove_kind_nodes
// parameters: none
// purpose: Removes the nodes of a label (in the place of LEAVING) that no table of kinds has any more. Each removal is
//   counted, as in detect/count_removal, and as what is not noted for the read index.
MATCH (n:LEAVING)
CALL (n) {
  OPTIONAL MATCH (p:Pointer {name: 'published'})
  SET p.removals = coalesce(p.removals, 0) + 1
  WITH n
  OPTIONAL MATCH (x:Pointer {name: 'index'})
  SET x.unnoted = coalesce(x.unnoted, 0) + 1
  WITH n
  DETACH DELETE n
  RETURN count(*) AS gone
} IN TRANSACTIONS OF 1000 ROWS
RETURN sum(gone) AS gone
