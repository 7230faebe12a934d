// name: count_kind
// parameters: called
// purpose: How much there is of a kind, by its label (in the place of LEAVING) and its name (called): nodes, their links,
//   entries of the allow-list.
MATCH (n:LEAVING)
WITH count(n) AS identifiers, sum(COUNT { (n)--() }) AS links
RETURN identifiers, links, COUNT { MATCH (n:Allowed {kind: $called}) RETURN n } AS allowed
