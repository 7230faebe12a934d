// name: token_key_changing
// parameters: none
// purpose: Holds back all writers, before tokens are brought to a new key; the read index is built whole after that.
MATCH (k:TokenKey {name: 'current'})
SET k.changing = true
WITH k
OPTIONAL MATCH (x:Pointer {name: 'index'})
SET x.unnoted = coalesce(x.unnoted, 0) + 1
