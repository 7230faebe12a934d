// name: find_identifiers
// parameters: ids, limit
// purpose: these identifiers (ids by kind) with how many accounts use each, and the newest of those accounts
CALL () {
// for each every kind, joined by UNION
  MATCH (i:KIND_LABEL) WHERE i.id IN $ids.KIND_NAME RETURN i
// end
}
CALL (i) {
  MATCH (i)<-[:SENT_LINK]-(a:Account) RETURN a
  UNION
  MATCH (i)<-[:DERIVED_LINK]-()<-[:SENT_LINK]-(a:Account) RETURN a
}
WITH i, a ORDER BY a.created_s DESC, a.id
WITH i, count(a) AS accounts, collect(a)[..$limit] AS newest
OPTIONAL MATCH (p:Pointer {name: 'published'})
RETURN labels(i)[0] AS label, i.id AS id, accounts, [a IN newest | a{.id, .risk, .label, level: coalesce(a.level, 'low'),
  created_at: toString(a.created_at), ring: [(a)-[m:MEMBER_OF]->(r:Ring) WHERE m.run = p.run_id | r.id][0]}] AS newest
ORDER BY label, id
