// name: footprint
// parameters: account
// purpose: What the graph holds of one account: links, ring ids, and the identifiers and networks that it uses.
MATCH (a:Account {id: $account})
RETURN COUNT { (a)-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]->() } AS links,
  COUNT { (:Action)-[:ON]->(a) } AS actions,
  COLLECT { MATCH (a)-[:MEMBER_OF]->(r:Ring) RETURN DISTINCT r.id } AS rings,
  COLLECT { MATCH (a)-[:PAYS_WITH]->(i) RETURN i.id } AS payment_methods,
  COLLECT { MATCH (a)-[:USES_DEVICE]->(i) RETURN i.id } AS devices,
  COLLECT { MATCH (a)-[:CONNECTS_FROM]->(i) RETURN i.id } AS ips,
  COLLECT { MATCH (a)-[:CONNECTS_FROM]->()-[:IN]->(n) RETURN DISTINCT n.id } AS networks
