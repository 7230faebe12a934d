// name: why_linked
// parameters: account, other
// purpose: Why two accounts are linked: the shortest paths between them through shared identifiers.
MATCH (a:Account {id: $account}), (b:Account {id: $other})
MATCH path = allShortestPaths((a)-[:SENT_LINK*..6]-(b))
RETURN path LIMIT 20
