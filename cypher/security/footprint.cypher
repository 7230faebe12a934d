// name: footprint
// parameters: account
// purpose: What the graph holds of one account: links, ring ids, and the ids by kind of what it uses (sent) and of what
//   is derived from that; `nodes`: the node ids of what it uses.
MATCH (a:Account {id: $account})
RETURN COUNT { (a)-[:SENT_LINK]->() } AS links,
  COUNT { (:Action)-[:ON]->(a) } AS actions,
  COLLECT { MATCH (a)-[:EVIDENCE_LINK]->(n) RETURN id(n) } AS nodes,
  COLLECT { MATCH (a)-[:MEMBER_OF]->(r:Ring) RETURN DISTINCT r.id } AS rings,
  {
// for each sent kind, joined by ,
    KIND_NAME: COLLECT { MATCH (a)-[:KIND_LINK]->(i) RETURN i.id }
// end
  } AS sent,
  {
// for each derived kind, joined by ,
    KIND_NAME: COLLECT { MATCH (a)-[:CHILD_LINK]->()-[:KIND_LINK]->(n) RETURN DISTINCT n.id }
// end
  } AS derived
