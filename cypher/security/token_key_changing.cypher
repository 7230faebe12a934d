// name: token_key_changing
// parameters: none
// purpose: Holds back all writers, before tokens are brought to a new key.
MATCH (k:TokenKey {name: 'current'})
SET k.changing = true
