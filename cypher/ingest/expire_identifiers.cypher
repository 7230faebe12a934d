// name: expire_identifiers
// parameters: none
// purpose: Removes identifiers that no account uses. Without DETACH: one that gets a link meanwhile stays.
MATCH (i:SENT_LABEL)
WHERE NOT EXISTS { (i)<--() }
CALL (i) {
  OPTIONAL MATCH (i)-[in:DERIVED_LINK]->()
  DELETE in
  WITH DISTINCT i
  DELETE i
  RETURN count(*) AS gone
} IN TRANSACTIONS OF 1000 ROWS ON ERROR CONTINUE
RETURN sum(coalesce(gone, 0)) AS gone
