// name: ring_within
// parameters: id, most
// purpose: the derived identifiers (networks, domains) that most members of a ring are in, two or more of them
MATCH (r:Ring {id: $id})<-[m:MEMBER_OF]-(a:Account) WHERE m.run = r.run
MATCH (a)-[:SENT_LINK]->()-[:DERIVED_LINK]->(n:DERIVED_LABEL)
WITH n, count(DISTINCT a) AS members
WHERE members > 1
RETURN labels(n)[0] AS kind, n.id AS id, members
ORDER BY members DESC, id LIMIT $most
