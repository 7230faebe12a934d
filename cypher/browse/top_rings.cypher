// name: top_rings
// parameters: none
// purpose: The rings of the published run with the highest score.
MATCH (r:Ring) WHERE r.size > 0
RETURN r.id AS ring, r.score AS score, r.level AS level, r.size AS accounts, r.status AS status, r.kinds AS `shared kinds`,
  date(r.first_seen) AS `first seen`, date(r.last_seen) AS `last seen`
ORDER BY score DESC, accounts DESC LIMIT 25
