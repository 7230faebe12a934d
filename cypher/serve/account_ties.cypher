// name: account_ties
// parameters: account
// purpose: What ties an account to its published ring: each identifier with its counts, its reasons, and the ring's facts.
MATCH (p:Pointer {name: 'published'})
MATCH (a:Account {id: $account})-[:MEMBER_OF {run: p.run_id}]->(ring:Ring)
MATCH (a)-[:EVIDENCE_LINK]->(n)
WITH a, ring, n, CASE
// for each evidence kind
    WHEN n:KIND_LABEL THEN 'KIND_NAME'
// end
  END AS kind,
  coalesce(n.k, COUNT { (n)<-[:EVIDENCE_LINK]-() }) AS k
RETURN coalesce(a.reasons, '[]') AS reasons, coalesce(ring.facts, '{}') AS facts, collect([
  kind, n.id, k, CASE WHEN n.ring = ring.id THEN coalesce(n.ring_members, 0) ELSE 0 END]) AS ties
LIMIT 1
