// name: rings_existing
// parameters: ids
// purpose: which of these rings exist
MATCH (r:Ring) WHERE r.id IN $ids
RETURN collect(r.id) AS ids
