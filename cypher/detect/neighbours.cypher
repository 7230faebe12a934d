// name: neighbours
// parameters: nodes, busy, most
// purpose: The newest accounts (node ids) on the identifiers of these accounts (node ids) that no more than $busy use.
UNWIND $nodes AS node
MATCH (a:Account) WHERE id(a) = node
MATCH (a)-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]->(i)
WITH DISTINCT i WHERE COUNT { (i)<-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-() } <= $busy
MATCH (i)<-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-(b:Account)
WITH DISTINCT b ORDER BY b.created_s DESC, b.id LIMIT $most
RETURN collect(id(b)) AS node
