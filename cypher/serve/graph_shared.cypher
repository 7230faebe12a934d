// name: graph_shared
// parameters: id, each
// purpose: how much there is to draw of a ring, and the identifiers of each kind that most of its members use
MATCH (p:Pointer {name: 'published'})
MATCH (r:Ring {id: $id})<-[m:MEMBER_OF]-(a:Account)-[:SENT_LINK]->(i)
WHERE m.run = p.run_id
WITH i, count(a) AS members
ORDER BY members DESC, i.id
WITH labels(i)[0] AS kind, collect({id: i.id, node: id(i), kind: labels(i)[0], members: members}) AS found
RETURN sum(size(found)) AS identifiers,
  sum(reduce(n = 0, i IN found | n + i.members)) AS links,
  sum(size([i IN found WHERE i.members > 1])) AS shared,
  sum(reduce(n = 0, i IN [i IN found WHERE i.members > 1] | n + i.members)) AS shared_links,
  collect([i IN found WHERE i.members > 1][..$each]) AS popular,
  collect([kind, size([i IN found WHERE i.members > 1])]) AS counts
