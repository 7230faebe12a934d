// name: account_labels
// parameters: account
// purpose: An account's label, and how many accounts on each of its identifiers people labelled.
MATCH (a:Account {id: $account})
OPTIONAL MATCH (a)-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]->(n)
WITH a, n, CASE WHEN n:Device THEN 'device' WHEN n:PaymentMethod THEN 'payment_method' ELSE 'ip' END AS kind,
  COUNT { (n)<-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-(:Account {label: 'fraud'}) } AS fraud,
  COUNT { (n)<-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-(:Account {label: 'legitimate'}) } AS legitimate
RETURN a.label AS label, collect(CASE WHEN n IS NULL THEN null ELSE [kind, n.id, fraud, legitimate] END) AS counts
