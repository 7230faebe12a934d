// name: any_node
// parameters: none
// purpose: One row if the database holds any node but the allow-list and what the token key, the kinds and the format are.
MATCH (n)
WHERE NOT n:Allowed AND NOT n:TokenKey AND NOT (n:Pointer AND n.name IN ['kinds', 'format'])
RETURN 1 AS found
LIMIT 1
