// name: project_pruned
// parameters: graph, identifier, from_s, to_s, birth_only, weight, late_link, birth_s
// purpose: Projects the links that have evidence: accounts born inside a window of an identifier (or of a network, through its IPs).
UNWIND range(0, size($identifier) - 1) AS row
WITH $identifier[row] AS node, $from_s[row] AS from_s, $to_s[row] AS to_s, $birth_only[row] AS birth_only,
     $weight[row] AS weight
MATCH (i) WHERE id(i) = node
MATCH (i)<-[:IN*0..1]-()<-[l:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-(a:Account)
WHERE a.created_s >= from_s AND a.created_s <= to_s
WITH i, a, weight, birth_only, abs(min(l.first_s) - a.created_s) <= $birth_s AS birth
WHERE birth OR birth_only = 0
WITH i, a, max(weight * CASE WHEN birth THEN 1.0 ELSE $late_link END) AS weight
RETURN gds.graph.project($graph, a, i, {relationshipProperties: {weight: weight}},
  {undirectedRelationshipTypes: ['*']}) AS projected
