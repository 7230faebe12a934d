// name: remove_kind_nodes
// parameters: label
// purpose: Removes the nodes of a label that no table of kinds has any more. Each removal is counted, as in
//   detect/count_removal, and as what is not noted for the read index.
MATCH (n) WHERE $label IN labels(n)
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
