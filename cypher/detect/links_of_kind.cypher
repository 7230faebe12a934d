// name: links_of_kind
// parameters: none
// purpose: All links to identifiers of this kind, in one record: account and identifier (node ids), first and last seen (epoch seconds).
// kinds: evidence
MATCH (a)-[l:KIND_LINK]->(i)
RETURN collect(id(a)) AS account, collect(id(i)) AS identifier, collect(l.first_s) AS first,
       collect(l.last_seen.epochSeconds) AS last
