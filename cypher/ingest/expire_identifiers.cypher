// name: expire_identifiers
// parameters: none
// purpose: Removes identifiers that no account uses. Without DETACH: one that gets a link meanwhile stays. Each removal is
//   counted, as in detect/count_removal, and as what is not noted for the read index.
MATCH (i:SENT_LABEL)
WHERE NOT EXISTS { (i)<--() }
CALL (i) {
  OPTIONAL MATCH (p:Pointer {name: 'published'})
  SET p.removals = coalesce(p.removals, 0) + 1
  WITH i
  OPTIONAL MATCH (x:Pointer {name: 'index'})
  SET x.unnoted = coalesce(x.unnoted, 0) + 1
  WITH i WHERE NOT EXISTS { (i)<--() }
  OPTIONAL MATCH (i)-[in:DERIVED_LINK]->()
  DELETE in
  WITH DISTINCT i
  DELETE i
  RETURN count(*) AS gone
} IN TRANSACTIONS OF 1000 ROWS ON ERROR CONTINUE
RETURN sum(coalesce(gone, 0)) AS gone
