// name: account_labels
// parameters: account
// purpose: An account's label, and how many accounts on each of its identifiers people labelled.
MATCH (a:Account {id: $account})
OPTIONAL MATCH (a)-[:EVIDENCE_LINK]->(n)
WITH a, n, CASE
// for each evidence kind
    WHEN n:KIND_LABEL THEN 'KIND_NAME'
// end
  END AS kind,
  COUNT { (n)<-[:EVIDENCE_LINK]-(:Account {label: 'fraud'}) } AS fraud,
  COUNT { (n)<-[:EVIDENCE_LINK]-(:Account {label: 'legitimate'}) } AS legitimate
RETURN a.label AS label, collect(CASE WHEN n IS NULL THEN null ELSE [kind, n.id, fraud, legitimate] END) AS counts
