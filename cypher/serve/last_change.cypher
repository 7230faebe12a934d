// name: last_change
// parameters: none
// purpose: the number of the last change in the feed
OPTIONAL MATCH (c:Change)
RETURN coalesce(max(c.seq), 0) AS seq
