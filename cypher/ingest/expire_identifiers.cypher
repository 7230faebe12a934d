// name: expire_identifiers
// parameters: none
// purpose: Removes payment methods and devices that no account uses.
MATCH (i:PaymentMethod|Device)
WHERE NOT EXISTS { (i)--() }
CALL (i) {
  WITH i WHERE NOT EXISTS { (i)--() }
  DELETE i
  RETURN count(*) AS gone
} IN TRANSACTIONS OF 1000 ROWS ON ERROR CONTINUE
RETURN sum(coalesce(gone, 0)) AS gone
