// name: rings_existing
// parameters: ids
// purpose: which of these rings exist
MATCH (r:Ring) WHERE r.id IN $ids AND r.run IS NOT NULL
RETURN collect(r.id) AS ids
