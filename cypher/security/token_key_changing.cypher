// name: token_key_changing
// parameters: key
// purpose: Holds back all writers, before tokens are brought to a new key. `key`: what they are under, if nothing says so.
MERGE (k:TokenKey {name: 'current'})
ON CREATE SET k.key = $key
SET k.changing = true
