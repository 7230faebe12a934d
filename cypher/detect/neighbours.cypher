// name: neighbours
// parameters: nodes, busy, most
// purpose: The newest accounts (node ids) on the identifiers of these accounts (node ids) that no more than $busy use.
UNWIND $nodes AS node
MATCH (a:Account) WHERE id(a) = node
MATCH (a)-[:EVIDENCE_LINK]->(i)
WITH DISTINCT i WHERE COUNT { (i)<-[:EVIDENCE_LINK]-() } <= $busy
MATCH (i)<-[:EVIDENCE_LINK]-(b:Account)
WITH DISTINCT b ORDER BY b.created_s DESC, b.id LIMIT $most
RETURN collect(id(b)) AS node
