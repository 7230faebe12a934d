// name: feed_sent
// parameters: none
// purpose: the number of the last change that the webhook has taken
OPTIONAL MATCH (f:Pointer {name: 'webhook'})
RETURN coalesce(f.seq, 0) AS seq
