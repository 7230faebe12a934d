// name: expire_derived
// parameters: none
// purpose: Removes derived identifiers (networks) that nothing is in.
MATCH (n:DERIVED_LABEL)
WHERE NOT EXISTS { (n)--() }
CALL (n) {
  DELETE n
  RETURN count(*) AS gone
} IN TRANSACTIONS OF 1000 ROWS ON ERROR CONTINUE
RETURN sum(coalesce(gone, 0)) AS gone
