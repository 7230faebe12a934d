// name: index_rings
// parameters: none
// purpose: Every ring for the read index, as one record with one list.
MATCH (ring:Ring) WHERE ring.run IS NOT NULL
RETURN collect(ring {.id, .score, .level, .size, .status, .status_at}) AS rings
