// name: accounts_of
// parameters: nodes
// purpose: What `accounts` tells, of these accounts (node ids) only.
UNWIND $nodes AS node
MATCH (a:Account) WHERE id(a) = node
RETURN collect(node) AS node, collect(a.created_s) AS created,
       collect(coalesce(a.last_seen.epochSeconds, a.created_s)) AS last, collect(coalesce(a.uses, 0)) AS uses,
       collect(CASE a.label WHEN 'fraud' THEN 1 WHEN 'legitimate' THEN -1 ELSE 0 END) AS label
