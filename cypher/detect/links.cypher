// name: links
// parameters: nodes
// purpose: The links of these accounts (node ids) in one record: account, identifier, kind, first and last seen.
UNWIND $nodes AS node
MATCH (a:Account) WHERE id(a) = node
MATCH (a)-[l:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]->(i)
RETURN collect(node) AS account,
       collect(id(i)) AS identifier,
       collect(CASE type(l) WHEN 'PAYS_WITH' THEN 0 WHEN 'USES_DEVICE' THEN 1 ELSE 2 END) AS kind,
       collect(l.first_s) AS first,
       collect(l.last_seen.epochSeconds) AS last
