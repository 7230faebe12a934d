// name: index_done
// parameters: version, notes
// purpose: The read index is of this version now, and has what these notes (node ids) say. Nothing if another process has
//   begun to bring an index up to date meanwhile. Returns how many notes went.
MATCH (x:Pointer {name: 'index', next: $version})
SET x.version = $version
WITH x
UNWIND $notes AS note
MATCH (c:IndexChange) WHERE id(c) = note
DELETE c
RETURN count(*) AS notes
