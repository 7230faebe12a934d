// name: forget_kind
// parameters: called, kind
// purpose: Takes a kind's entries off the allow-list, and the note of how it is written (a line of JSON) out of the graph.
MATCH (p:Pointer {name: 'kinds'})
SET p.kinds = [kind IN p.kinds WHERE kind <> $kind]
WITH p
OPTIONAL MATCH (n:Allowed {kind: $called})
DETACH DELETE n
RETURN count(n) AS allowed
