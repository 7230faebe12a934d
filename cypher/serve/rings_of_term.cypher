// name: rings_of_term
// parameters: text, ids
// purpose: ids of the rings that a search term leads to: a ring's id, a member, or an identifier
//   (ids by kind) that members use
CALL () {
  MATCH (r:Ring) WHERE r.id STARTS WITH toUpper($text) RETURN r.id AS id
  UNION
  MATCH (:Account {id: $text})-[m:MEMBER_OF]->(r:Ring) RETURN r.id AS id
// for each sent kind
  UNION
  MATCH (i:KIND_LABEL) WHERE i.id IN $ids.KIND_NAME
  MATCH (i)<-[:KIND_LINK]-(:Account)-[:MEMBER_OF]->(r:Ring) RETURN DISTINCT r.id AS id
// end
// for each derived kind
  UNION
  MATCH (n:KIND_LABEL) WHERE n.id IN $ids.KIND_NAME
  MATCH (n)<-[:KIND_LINK]-()<-[:CHILD_LINK]-(:Account)-[:MEMBER_OF]->(r:Ring) RETURN DISTINCT r.id AS id
// end
}
RETURN collect(DISTINCT id) AS ids
