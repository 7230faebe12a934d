// name: ring_ids
// parameters: none
// purpose: The id of every ring that was ever found, so that a new id is new.
MATCH (r:Ring)
RETURN collect(r.id) AS id
