// name: links
// parameters: nodes
// purpose: The links of these accounts (node ids) in one record: account, identifier, kind, first and last seen.
UNWIND $nodes AS node
MATCH (a:Account) WHERE id(a) = node
MATCH (a)-[l:EVIDENCE_LINK]->(i)
RETURN collect(node) AS account,
       collect(id(i)) AS identifier,
       collect(CASE type(l)
// for each evidence kind
         WHEN 'KIND_LINK' THEN KIND_NUMBER
// end
         END) AS kind,
       collect(l.first_s) AS first,
       collect(l.last_seen.epochSeconds) AS last
