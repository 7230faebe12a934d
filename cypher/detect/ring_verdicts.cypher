// name: ring_verdicts
// parameters: none
// purpose: The rings that people confirmed or dismissed, each with whether it was confirmed and when that was (epoch seconds);
//   for a ring that broke off from such a one, when it was found. And the time of this look, in one record.
MATCH (r:Ring) WHERE r.status IN ['confirmed', 'dismissed'] AND r.size > 0
OPTIONAL MATCH (j:Action {kind: 'status', after: r.status})-[:ON]->(r) WHERE j.undone_by IS NULL
WITH r, max(j.at) AS at
WITH collect([r.id, r.status = 'confirmed', coalesce(at, r.found_at).epochSeconds]) AS verdicts
RETURN verdicts, datetime().epochSeconds AS verdicts_at
