// name: any_node
// parameters: none
// purpose: One row if the database holds any node but the allow-list and what the token key is.
MATCH (n)
WHERE NOT n:Allowed AND NOT n:TokenKey
RETURN 1 AS found
LIMIT 1
