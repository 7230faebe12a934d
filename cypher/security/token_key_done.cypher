// name: token_key_done
// parameters: key
// purpose: Lets the writers go on: all tokens are under this key.
MATCH (k:TokenKey {name: 'current'})
SET k.key = $key, k.changing = false, k.changed_at = datetime()
