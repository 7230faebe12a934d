// name: disallow
// parameters: kind, identifier
// purpose: Takes an identifier off the allow-list. Returns how many entries there were (0 or 1).
MATCH (n:Allowed {id: $kind + ' ' + $identifier})
DELETE n
RETURN count(*) AS entries
