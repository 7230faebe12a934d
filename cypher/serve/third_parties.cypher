// name: third_parties
// parameters: id
// purpose: the identifiers of a ring, and those derived from them (networks), that accounts outside it use as well
MATCH (p:Pointer {name: 'published'})
MATCH (:Ring {id: $id})<-[m:MEMBER_OF]-(a:Account) WHERE m.run = p.run_id
WITH collect(a) AS members, head(collect(p.run_id)) AS run
CALL (members) {
  UNWIND members AS a
  MATCH (a)-[:SENT_LINK]->(i)
  WITH i, count(DISTINCT a) AS inside
  WHERE COUNT { (i)<-[:SENT_LINK]-() } > inside
  RETURN collect(i.id) AS identifiers
}
CALL (members, run) {
  UNWIND members AS a
  MATCH (a)-[:SENT_LINK]->()-[:DERIVED_LINK]->(n:DERIVED_LABEL)
  WITH DISTINCT n, run
  WHERE EXISTS {
    MATCH (n)<-[:DERIVED_LINK]-()<-[:SENT_LINK]-(other:Account)
    WHERE NOT EXISTS { MATCH (other)-[o:MEMBER_OF]->(:Ring {id: $id}) WHERE o.run = run }
  }
  RETURN collect(n.id) AS derived
}
RETURN identifiers + derived AS ids
