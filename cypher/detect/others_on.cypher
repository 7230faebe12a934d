// name: others_on
// parameters: nodes, most
// purpose: Links to these identifiers (node ids), of a busy one about $most that are spread over its accounts, the same
//   ones whatever the node ids are.
UNWIND $nodes AS node
MATCH (i) WHERE id(i) = node
CALL (i) {
  MATCH (i)<-[l:EVIDENCE_LINK]-(a:Account)
  WITH l, a ORDER BY a.created_s, a.id
  WITH collect([l, a]) AS every
  UNWIND range(0, size(every) - 1, (size(every) - 1) / $most + 1) AS place
  RETURN every[place][0] AS l, every[place][1] AS a
}
RETURN collect(id(a)) AS account,
       collect(id(i)) AS identifier,
       collect(CASE type(l)
// for each evidence kind
         WHEN 'KIND_LINK' THEN KIND_NUMBER
// end
         END) AS kind,
       collect(l.first_s) AS first,
       collect(l.last_seen.epochSeconds) AS last
