// name: set_words
// parameters: nodes, names, words
// purpose: Sets the ring by people's word on which an account (node and own ids) is judged, where that is not its own ring
//   any more (null: it is, or there is none).
UNWIND range(0, size($nodes) - 1) AS row
MATCH (a:Account) WHERE id(a) = $nodes[row] AND a.id = $names[row]
SET a.word_on = $words[row]
