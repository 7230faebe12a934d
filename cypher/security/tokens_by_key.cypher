// name: tokens_by_key
// parameters: none
// purpose: How many identifiers are kept as tokens under each key.
MATCH (n:EVERY_LABEL)
WHERE n.id =~ '[a-z]{2}_[0-9a-f]{32}'
RETURN substring(n.id, 3, 4) AS key, count(*) AS identifiers
ORDER BY identifiers DESC
