// name: expire_links
// parameters: cutoff
// purpose: Removes links not seen since; one that is written to meanwhile stays.
MATCH (:Account)-[l:SENT_LINK]->()
WHERE l.last_seen < $cutoff
CALL (l) {
  SET l.uses = l.uses
  WITH l WHERE l.last_seen < $cutoff
  DELETE l
  RETURN count(*) AS gone
} IN TRANSACTIONS OF 10000 ROWS
RETURN sum(gone) AS gone
