// name: expire_links
// parameters: cutoff
// purpose: Removes links not seen since; one that is written to meanwhile stays. Counted as what is not noted
//   for the read index, one by one: the index is built whole after it.
MATCH (:Account)-[l:SENT_LINK]->()
WHERE l.last_seen < $cutoff
CALL (l) {
  OPTIONAL MATCH (x:Pointer {name: 'index'})
  SET x.unnoted = coalesce(x.unnoted, 0) + 1
  WITH l
  SET l.uses = l.uses
  WITH l WHERE l.last_seen < $cutoff
  DELETE l
  RETURN count(*) AS gone
} IN TRANSACTIONS OF 10000 ROWS
RETURN sum(gone) AS gone
