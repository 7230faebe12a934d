// name: third_parties
// parameters: id
// purpose: the identifiers of a ring, and the networks of its addresses, that accounts outside it use as well
MATCH (p:Pointer {name: 'published'})
MATCH (:Ring {id: $id})<-[m:MEMBER_OF]-(a:Account) WHERE m.run = p.run_id
WITH collect(a) AS members, head(collect(p.run_id)) AS run
CALL (members) {
  UNWIND members AS a
  MATCH (a)-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]->(i)
  WITH i, count(DISTINCT a) AS inside
  WHERE COUNT { (i)<-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-() } > inside
  RETURN collect(i.id) AS identifiers
}
CALL (members, run) {
  UNWIND members AS a
  MATCH (a)-[:CONNECTS_FROM]->(:IP)-[:IN]->(n:Network)
  WITH DISTINCT n, run
  WHERE EXISTS {
    MATCH (n)<-[:IN]-(:IP)<-[:CONNECTS_FROM]-(other:Account)
    WHERE NOT EXISTS { MATCH (other)-[o:MEMBER_OF]->(:Ring {id: $id}) WHERE o.run = run }
  }
  RETURN collect(n.id) AS networks
}
RETURN identifiers + networks AS ids
