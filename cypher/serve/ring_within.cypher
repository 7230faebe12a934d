// name: ring_within
// parameters: id, most, asked
// purpose: the derived identifiers (networks, domains) that most members of a ring are in, two or more of them, so many of each kind; and
//   some of what is in each
MATCH (r:Ring {id: $id})<-[m:MEMBER_OF]-(a:Account) WHERE m.run = r.run
MATCH (a)-[:SENT_LINK]->(i)-[:DERIVED_LINK]->(n:DERIVED_LABEL)
WITH n, count(DISTINCT a) AS members, collect(DISTINCT i.id)[..$asked] AS of
WHERE members > 1
WITH labels(n)[0] AS kind, n.id AS id, members, of ORDER BY members DESC, id
WITH kind, collect({id: id, members: members, of: of})[..$most] AS found
UNWIND found AS one
RETURN kind, one.id AS id, one.members AS members, one.of AS of
ORDER BY members DESC, id
