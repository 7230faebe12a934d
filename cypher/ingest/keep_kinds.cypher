// name: keep_kinds
// parameters: kinds
// purpose: Notes how kinds of identifier are written (a line of JSON each), beside those that are noted already.
MERGE (p:Pointer {name: 'kinds'})
SET p.kinds = coalesce(p.kinds, []) + [kind IN $kinds WHERE NOT kind IN coalesce(p.kinds, [])]
RETURN size(p.kinds) AS kinds
