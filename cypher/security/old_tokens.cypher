// name: old_tokens
// parameters: key, page
// purpose: Some of the identifiers of this kind whose token is under this key.
// kinds: every
// What is kept in the clear may begin like a token: it would come again for ever.
MATCH (n:KIND_LABEL) WHERE n.id STARTS WITH 'KIND_PREFIX_' + $key AND n.id =~ '[a-z]{2}_[0-9a-f]{32}'
WITH n LIMIT $page RETURN collect(n.id) AS tokens
