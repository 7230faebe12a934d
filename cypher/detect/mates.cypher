// name: mates
// parameters: nodes, rings
// purpose: All members (node ids) of those of these rings (ids) that any of these accounts (node ids) is in.
OPTIONAL MATCH (p:Pointer {name: 'published'})
CALL (p) {
  UNWIND $nodes AS node
  MATCH (a:Account) WHERE id(a) = node
  MATCH (a)-[:MEMBER_OF {run: p.run_id}]->(r:Ring) WHERE r.id IN $rings
  WITH DISTINCT p, r
  MATCH (r)<-[:MEMBER_OF {run: p.run_id}]-(b)
  RETURN collect(DISTINCT id(b)) AS node
}
RETURN node
