// name: published_of
// parameters: nodes
// purpose: What `published` tells, of these accounts (node ids) only.
OPTIONAL MATCH (p:Pointer {name: 'published'})
CALL (p) {
  UNWIND $nodes AS one
  MATCH (a:Account) WHERE id(a) = one
  MATCH (a)-[m:MEMBER_OF {run: p.run_id}]->(r:Ring)
  RETURN collect(one) AS node, collect(r.id) AS ring, collect(coalesce(m.below, 0)) AS below
}
RETURN p.run_id AS run, node, ring, below
