// name: schema
// parameters: none
// purpose: How many nodes of each kind there are.
UNWIND ['Account', 'PaymentMethod', 'Device', 'IP', 'Network', 'Ring', 'DetectionRun'] AS label
CALL (label) {
  WITH label WHERE label = 'Account' MATCH (n:Account) RETURN count(n) AS nodes
  UNION ALL
  WITH label WHERE label = 'PaymentMethod' MATCH (n:PaymentMethod) RETURN count(n) AS nodes
  UNION ALL
  WITH label WHERE label = 'Device' MATCH (n:Device) RETURN count(n) AS nodes
  UNION ALL
  WITH label WHERE label = 'IP' MATCH (n:IP) RETURN count(n) AS nodes
  UNION ALL
  WITH label WHERE label = 'Network' MATCH (n:Network) RETURN count(n) AS nodes
  UNION ALL
  WITH label WHERE label = 'Ring' MATCH (n:Ring) RETURN count(n) AS nodes
  UNION ALL
  WITH label WHERE label = 'DetectionRun' MATCH (n:DetectionRun) RETURN count(n) AS nodes
}
RETURN label, sum(nodes) AS nodes
