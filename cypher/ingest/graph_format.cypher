// name: graph_format
// parameters: none
// purpose: The format of the graph (null: nothing says so), and whether a run was ever published in it.
OPTIONAL MATCH (p:Pointer {name: 'format'})
RETURN p.format AS format, EXISTS { (:Pointer {name: 'published'}) } AS published
