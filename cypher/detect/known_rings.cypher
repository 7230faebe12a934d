// name: known_rings
// parameters: rings
// purpose: The score (0 to 100), size and facts (JSON text, null if none are kept) of these rings (ids).
UNWIND $rings AS id
MATCH (r:Ring {id: id})
RETURN r.id AS id, r.score AS score, r.size AS size, r.facts AS facts
