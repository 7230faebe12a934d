// name: erase_orphans
// parameters: ids
// purpose: Deletes those of the identifiers (ids by kind), and then of the derived ones, that no account uses any more.
// for each sent kind
CALL () {
  MATCH (i:KIND_LABEL) WHERE i.id IN $ids.KIND_NAME AND NOT EXISTS { (i)<-[:KIND_LINK]-() }
  DETACH DELETE i RETURN count(*) AS sent_KIND_NUMBER
}
// end
// for each derived kind
CALL () {
  MATCH (n:KIND_LABEL) WHERE n.id IN $ids.KIND_NAME AND NOT EXISTS { (n)<-[:KIND_LINK]-() }
  DETACH DELETE n RETURN count(*) AS derived_KIND_NUMBER
}
// end
RETURN 0
// for each sent kind
  + sent_KIND_NUMBER
// end
// for each derived kind
  + derived_KIND_NUMBER
// end
  AS identifiers
