// name: schema
// parameters: none
// purpose: How many nodes of each kind there are.
UNWIND ['Account',
// for each every kind
  'KIND_LABEL',
// end
  'Ring', 'DetectionRun'] AS label
CALL (label) {
  WITH label WHERE label = 'Account' MATCH (n:Account) RETURN count(n) AS nodes
  UNION ALL
// for each every kind
  WITH label WHERE label = 'KIND_LABEL' MATCH (n:KIND_LABEL) RETURN count(n) AS nodes
  UNION ALL
// end
  WITH label WHERE label = 'Ring' MATCH (n:Ring) RETURN count(n) AS nodes
  UNION ALL
  WITH label WHERE label = 'DetectionRun' MATCH (n:DetectionRun) RETURN count(n) AS nodes
}
RETURN label, sum(nodes) AS nodes
