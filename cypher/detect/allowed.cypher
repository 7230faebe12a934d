// name: allowed
// parameters: none
// purpose: The allow-list, oldest entry first, with the number of accounts on each identifier (null: not in the graph).
MATCH (n:Allowed)
OPTIONAL CALL (n) {
// for each sent kind, joined by UNION ALL
  WITH n WHERE n.kind = 'KIND_NAME' MATCH (i:KIND_LABEL {id: n.identifier})
  RETURN COUNT { (i)<-[:KIND_LINK]-() } AS accounts
// end
// for each derived kind
  UNION ALL
  WITH n WHERE n.kind = 'KIND_NAME' MATCH (i:KIND_LABEL {id: n.identifier})
  RETURN COUNT { MATCH (i)<-[:KIND_LINK]-()<-[:CHILD_LINK]-(a) RETURN DISTINCT a } AS accounts
// end
}
RETURN n.kind AS kind, n.identifier AS identifier, n.who AS who, n.why AS why, toString(n.at) AS at, accounts
ORDER BY n.at, n.id
