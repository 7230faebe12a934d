// name: remove_kind_links
// parameters: label
// purpose: Removes all links of the nodes of a label that no table of kinds has any more.
MATCH (n)-[link]-() WHERE $label IN labels(n)
CALL (link) {
  DELETE link
  RETURN count(*) AS gone
} IN TRANSACTIONS OF 10000 ROWS
RETURN sum(gone) AS gone
