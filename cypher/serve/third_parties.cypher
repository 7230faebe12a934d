// name: third_parties
// parameters: id
// purpose: the identifiers of a ring that accounts outside it use as well
MATCH (p:Pointer {name: 'published'})
MATCH (r:Ring {id: $id})<-[m:MEMBER_OF]-(a:Account)-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]->(i)
WHERE m.run = p.run_id
WITH i, count(DISTINCT a) AS members
WHERE COUNT { (i)<-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-() } > members
RETURN collect(i.id) AS ids
