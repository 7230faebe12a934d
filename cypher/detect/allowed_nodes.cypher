// name: allowed_nodes
// parameters: none
// purpose: The node ids of identifiers on the allow-list, with those in each derived one on it (addresses of a network), in one record.
MATCH (n:Allowed)
CALL (n) {
// for each sent kind, joined by UNION ALL
  WITH n WHERE n.kind = 'KIND_NAME' MATCH (i:KIND_LABEL {id: n.identifier}) RETURN id(i) AS node
// end
// for each derived kind
  UNION ALL
  WITH n WHERE n.kind = 'KIND_NAME' MATCH (:KIND_LABEL {id: n.identifier})<-[:KIND_LINK]-(i) RETURN id(i) AS node
// end
}
RETURN collect(node) AS node
