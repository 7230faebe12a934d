// name: token_key
// parameters: none
// purpose: The key that the graph's tokens are under, and whether it is being exchanged; no row before the first events.
MATCH (k:TokenKey {name: 'current'})
RETURN k.key AS key, k.changing AS changing
