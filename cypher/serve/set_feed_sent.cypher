// name: set_feed_sent
// parameters: seq
// purpose: remembers the number of the last change that the webhook has taken
MERGE (f:Pointer {name: 'webhook'})
SET f.seq = $seq
RETURN f.seq AS seq
