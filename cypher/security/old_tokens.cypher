// name: old_tokens
// parameters: key, page
// purpose: Some of the identifiers of this kind whose token is under this key.
// kinds: every
MATCH (n:KIND_LABEL) WHERE n.id STARTS WITH 'KIND_PREFIX_' + $key
WITH n LIMIT $page RETURN collect(n.id) AS tokens
