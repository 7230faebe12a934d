// name: others_on
// parameters: nodes, most
// purpose: Links to these identifiers (node ids), of a busy one about $most that are spread over its accounts.
UNWIND $nodes AS node
MATCH (i) WHERE id(i) = node
WITH i, COUNT { (i)<-[:EVIDENCE_LINK]-() } AS k
MATCH (i)<-[l:EVIDENCE_LINK]-(a:Account)
WHERE id(a) % ((k - 1) / $most + 1) = 0
RETURN collect(id(a)) AS account,
       collect(id(i)) AS identifier,
       collect(CASE type(l)
// for each evidence kind
         WHEN 'KIND_LINK' THEN KIND_NUMBER
// end
         END) AS kind,
       collect(l.first_s) AS first,
       collect(l.last_seen.epochSeconds) AS last
