// name: index_labels
// parameters: none
// purpose: How many accounts on each identifier people labelled, as one record with one list.
MATCH (a:Account) WHERE a.label IN ['fraud', 'legitimate']
MATCH (a)-[:EVIDENCE_LINK]->(n)
WITH n, CASE
// for each evidence kind
    WHEN n:KIND_LABEL THEN 'KIND_NAME'
// end
  END AS kind,
  sum(CASE a.label WHEN 'fraud' THEN 1 ELSE 0 END) AS fraud,
  sum(CASE a.label WHEN 'legitimate' THEN 1 ELSE 0 END) AS legitimate
RETURN collect([kind, n.id, fraud, legitimate]) AS rows
