// name: any_node
// parameters: none
// purpose: One row if the database holds any node.
MATCH (n)
RETURN 1 AS found
LIMIT 1
