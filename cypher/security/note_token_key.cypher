// name: note_token_key
// parameters: key
// purpose: Notes which key tokens are under, if nothing says so yet. Returns the key that they are under.
MERGE (k:TokenKey {name: 'current'})
ON CREATE SET k.key = $key, k.changing = false
RETURN k.key AS key
