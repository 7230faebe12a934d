// name: digest_links
// parameters: none
// purpose: All that ingest keeps of links.
MATCH (a:Account)-[l:SENT_LINK]->(i)
RETURN type(l) AS type, a.id AS account, i.id AS id, toString(l.first_seen) AS first_seen, l.first_s AS first_s,
  toString(l.last_seen) AS last_seen, l.uses AS uses
