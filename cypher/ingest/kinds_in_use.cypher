// name: kinds_in_use
// parameters: none
// purpose: How the kinds of identifier in this graph are written, a line of JSON each.
MATCH (p:Pointer {name: 'kinds'})
UNWIND p.kinds AS kind
RETURN kind
