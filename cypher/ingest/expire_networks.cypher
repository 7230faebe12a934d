// name: expire_networks
// parameters: none
// purpose: Removes networks that hold no IP.
MATCH (n:Network)
WHERE NOT EXISTS { (n)--() }
CALL (n) {
  DELETE n
  RETURN count(*) AS gone
} IN TRANSACTIONS OF 1000 ROWS ON ERROR CONTINUE
RETURN sum(coalesce(gone, 0)) AS gone
