// name: honest_hubs
// parameters: none
// purpose: Identifiers that many accounts share of which few are in a ring: carriers, campuses, offices, VPN exits.
MATCH (p:Pointer {name: 'published'})
MATCH (i:EVIDENCE_LABEL)
WITH p, i, COUNT { (i)<-[:EVIDENCE_LINK]-() } AS accounts
WHERE accounts >= 50
ORDER BY accounts DESC LIMIT 50
CALL (p, i) {
  MATCH (i)<-[:EVIDENCE_LINK]-(a:Account)
  RETURN count(CASE WHEN EXISTS { (a)-[m:MEMBER_OF]->(:Ring) WHERE m.run = p.run_id } THEN 1 END) AS members
}
WITH i, accounts, members
WHERE members < accounts / 10
RETURN labels(i)[0] AS kind, i.id AS identifier, accounts, members AS `in rings`
ORDER BY accounts DESC
