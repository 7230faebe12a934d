// name: index_labels
// parameters: none
// purpose: How many accounts on each identifier people labelled, as one record with one list.
MATCH (a:Account) WHERE a.label IN ['fraud', 'legitimate']
MATCH (a)-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]->(n)
WITH n, CASE WHEN n:Device THEN 'device' WHEN n:PaymentMethod THEN 'payment_method' ELSE 'ip' END AS kind,
  sum(CASE a.label WHEN 'fraud' THEN 1 ELSE 0 END) AS fraud,
  sum(CASE a.label WHEN 'legitimate' THEN 1 ELSE 0 END) AS legitimate
RETURN collect([kind, n.id, fraud, legitimate]) AS rows
