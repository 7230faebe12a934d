// name: project_ties
// parameters: graph, accounts, identifiers
// purpose: Projects these accounts with the cards and devices among these identifiers (node ids) that they use.
UNWIND $accounts AS node
MATCH (a:Account) WHERE id(a) = node
MATCH (a)-[:PAYS_WITH|USES_DEVICE]->(i) WHERE id(i) IN $identifiers
RETURN gds.graph.project($graph, a, i, {}, {undirectedRelationshipTypes: ['*']}) AS projected
