// name: graph_format
// parameters: none
// purpose: The format of the graph (null: nothing says so), and whether anything was ever written to it.
OPTIONAL MATCH (p:Pointer {name: 'format'})
RETURN p.format AS format, EXISTS { (:Account) } AS used
