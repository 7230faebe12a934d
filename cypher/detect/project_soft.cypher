// name: project_soft
// parameters: graph, identifier, weight, window_identifier, target, from_s, to_s, rule, window_weight, late_link, birth_s
// purpose: Projects all links of shared identifiers with a weight that falls with popularity, and once more those that have evidence.
CALL () {
  UNWIND range(0, size($identifier) - 1) AS row
  WITH $identifier[row] AS node, $weight[row] AS weight
  MATCH (i) WHERE id(i) = node
  MATCH (i)<-[l:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-(a:Account)
  RETURN id(i) AS target, id(a) AS source, weight * CASE WHEN abs(l.first_s - a.created_s) <= $birth_s THEN 1.0 ELSE $late_link END AS weight
  UNION ALL
  UNWIND range(0, size($window_identifier) - 1) AS row
  WITH $window_identifier[row] AS node, $target[row] AS target, $from_s[row] AS from_s, $to_s[row] AS to_s, $rule[row] AS rule,
       $window_weight[row] AS weight
  MATCH (i) WHERE id(i) = node
  MATCH (i)<-[:IN*0..1]-()<-[l:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-(a:Account)
  WITH i, a, target, from_s, to_s, rule, weight, min(l.first_s) AS first
  WHERE from_s <= CASE rule WHEN 2 THEN first ELSE a.created_s END <= to_s
  WITH target, a, rule, weight, abs(first - a.created_s) <= $birth_s AS birth
  WHERE birth OR rule <> 1
  RETURN target, id(a) AS source, max(weight * CASE WHEN birth THEN 1.0 ELSE $late_link END) AS weight
}
RETURN gds.graph.project($graph, source, target, {relationshipProperties: {weight: weight}},
  {undirectedRelationshipTypes: ['*']}) AS projected
