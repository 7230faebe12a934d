// name: found_rings
// parameters: rings
// purpose: These rings (ids) for the read index.
UNWIND $rings AS id
MATCH (ring:Ring {id: id})
RETURN ring {.id, .score, .level, .size, .status, .status_at} AS ring
