// name: expire_identifiers
// parameters: none
// purpose: Removes payment methods and devices that no account uses. Each removal is counted, as in
//   detect/count_removal.
MATCH (i:PaymentMethod|Device)
WHERE NOT EXISTS { (i)--() }
CALL (i) {
  OPTIONAL MATCH (p:Pointer {name: 'published'})
  SET p.removals = coalesce(p.removals, 0) + 1
  WITH i WHERE NOT EXISTS { (i)--() }
  DELETE i
  RETURN count(*) AS gone
} IN TRANSACTIONS OF 1000 ROWS ON ERROR CONTINUE
RETURN sum(coalesce(gone, 0)) AS gone
