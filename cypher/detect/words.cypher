// name: words
// parameters: none
// purpose: The accounts (node ids) for which people's word on an earlier ring holds, and that ring's id.
MATCH (a:Account) WHERE a.word_on IS NOT NULL
RETURN collect(id(a)) AS word_node, collect(a.word_on) AS word_ring
