// name: remove_kind_links
// parameters: none
// purpose: Removes all links of the nodes of a label (in the place of LEAVING) that no table of kinds has any more.
MATCH (n:LEAVING)-[link]-() USING SCAN n:LEAVING
CALL (link) {
  DELETE link
  RETURN count(*) AS gone
} IN TRANSACTIONS OF 10000 ROWS
RETURN sum(gone) AS gone
