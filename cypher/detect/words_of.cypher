// name: words_of
// parameters: nodes
// purpose: What `words` tells, of these accounts (node ids) only.
UNWIND $nodes AS one
MATCH (a:Account) WHERE id(a) = one AND a.word_on IS NOT NULL
RETURN collect(one) AS word_node, collect(a.word_on) AS word_ring
