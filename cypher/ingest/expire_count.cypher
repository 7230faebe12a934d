// name: expire_count
// parameters: cutoff
// purpose: What would go: links not seen since, and identifiers that nothing else uses.
CALL () {
  MATCH (:Account)-[l:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]->()
  WHERE l.last_seen < $cutoff
  RETURN count(l) AS links
}
CALL () {
  MATCH (i:PaymentMethod|Device|IP)
  WHERE NOT EXISTS { (i)<-[l:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-() WHERE l.last_seen >= $cutoff }
  RETURN count(i) AS identifiers
}
CALL () {
  MATCH (n:Network)
  WHERE NOT EXISTS { (n)<-[:IN]-()<-[l:CONNECTS_FROM]-() WHERE l.last_seen >= $cutoff }
  RETURN count(n) AS networks
}
RETURN links, identifiers, networks
