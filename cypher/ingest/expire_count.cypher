// name: expire_count
// parameters: cutoff
// purpose: What would go: links not seen since, and identifiers, then derived ones (networks), that nothing else uses.
CALL () {
  MATCH (:Account)-[l:SENT_LINK]->()
  WHERE l.last_seen < $cutoff
  RETURN count(l) AS links
}
CALL () {
  MATCH (i:SENT_LABEL)
  WHERE NOT EXISTS { (i)<-[l:SENT_LINK]-() WHERE l.last_seen >= $cutoff }
  RETURN count(i) AS identifiers
}
CALL () {
  MATCH (n:DERIVED_LABEL)
  WHERE NOT EXISTS { (n)<-[:DERIVED_LINK]-()<-[l:SENT_LINK]-() WHERE l.last_seen >= $cutoff }
  RETURN count(n) AS derived
}
RETURN links, identifiers, derived
