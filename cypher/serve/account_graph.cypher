// name: account_graph
// parameters: id, identifiers, each, limit
// purpose: an account's identifiers and some of the accounts that share them (those of the least shared first, and
//   only so many of each: an identifier that everybody uses says little and would be slow)
MATCH (a:Account {id: $id})-[:SENT_LINK]->(i)
WITH a, i, COUNT { (i)<-[:SENT_LINK]-() } AS degree
ORDER BY degree, i.id LIMIT $identifiers
CALL (a, i) {
  MATCH (i)<-[:SENT_LINK]-(b:Account) WHERE b <> a
  RETURN b LIMIT $each
}
WITH a, collect(DISTINCT b)[..$limit] AS others, collect(DISTINCT i) AS shared
CALL (a) { MATCH (a)-[:SENT_LINK]->(i) RETURN collect(i)[..$identifiers] AS own }
WITH [a] + others AS accounts, shared + [i IN own WHERE NOT i IN shared] AS found
WITH accounts, found[..$identifiers] AS identifiers
CALL (accounts, identifiers) {
  UNWIND accounts AS b
  MATCH (b)-[l:SENT_LINK]->(i)
  WHERE i IN identifiers
  RETURN collect({source: b.id, target: i.id, type: type(l), uses: l.uses, first_seen: toString(l.first_seen),
    last_seen: toString(l.last_seen)}) AS links
}
RETURN links,
  [b IN accounts | {id: b.id, risk: b.risk, level: coalesce(b.level, 'low'), label: b.label,
    first_seen: toString(b.created_at), strength: null}] AS accounts,
  [i IN identifiers | {id: i.id, kind: labels(i)[0],
    accounts: COUNT { (i)<-[:SENT_LINK]-() }}] AS identifiers
