// name: count_kind
// parameters: label, called
// purpose: How much there is of a kind, by its label and its name (called): nodes, their links, entries of the allow-list.
MATCH (n) WHERE $label IN labels(n)
WITH count(n) AS identifiers, sum(COUNT { (n)--() }) AS links
RETURN identifiers, links, COUNT { MATCH (n:Allowed {kind: $called}) RETURN n } AS allowed
