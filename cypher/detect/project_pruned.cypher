// name: project_pruned
// parameters: graph, identifier, target, from_s, to_s, rule, weight, late_link, birth_s
// purpose: Projects the links that have evidence: those inside a window of an identifier (or of a network, through its IPs).
UNWIND range(0, size($identifier) - 1) AS row
WITH $identifier[row] AS node, $target[row] AS target, $from_s[row] AS from_s, $to_s[row] AS to_s, $rule[row] AS rule, $weight[row] AS weight
MATCH (i) WHERE id(i) = node
MATCH (i)<-[:IN*0..1]-()<-[l:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-(a:Account)
WITH i, a, target, from_s, to_s, rule, weight, min(l.first_s) AS first
WHERE from_s <= CASE rule WHEN 2 THEN first ELSE a.created_s END <= to_s
WITH target, a, rule, weight, abs(first - a.created_s) <= $birth_s AS birth
WHERE birth OR rule <> 1
WITH target, a, max(weight * CASE WHEN birth THEN 1.0 ELSE $late_link END) AS weight
RETURN gds.graph.project($graph, id(a), target, {relationshipProperties: {weight: weight}},
  {undirectedRelationshipTypes: ['*']}) AS projected
