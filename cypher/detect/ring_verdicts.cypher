// name: ring_verdicts
// parameters: none
// purpose: The rings that people confirmed or dismissed, and when (epoch seconds); for a ring that broke off from such
//   a one, when it was found.
MATCH (r:Ring) WHERE r.status IN ['confirmed', 'dismissed'] AND r.size > 0
OPTIONAL MATCH (j:Action {kind: 'status', after: r.status})-[:ON]->(r) WHERE j.undone_by IS NULL
WITH r, max(j.at) AS at
RETURN r.id AS ring, r.status = 'confirmed' AS confirmed, coalesce(at, r.found_at).epochSeconds AS at
