// name: ring_verdicts
// parameters: none
// purpose: The rings that people confirmed or dismissed, each with whether it was confirmed and when that was (epoch seconds);
//   for a ring that broke off from such a one, when it was found. Rings that became a part of others are among them: what
//   people said of these still holds. And the counts of the published run (JSON text) and the time of this look, in one record.
MATCH (r:Ring) WHERE r.status IN ['confirmed', 'dismissed']
OPTIONAL MATCH (j:Action {kind: 'status', after: r.status})-[:ON]->(r) WHERE j.undone_by IS NULL
WITH r, max(j.at) AS at
WITH collect([r.id, r.status = 'confirmed', coalesce(at.epochSeconds, r.found_at.epochSeconds, r.status_at, 0)]) AS verdicts
OPTIONAL MATCH (p:Pointer {name: 'published'})
OPTIONAL MATCH (run:DetectionRun {id: p.run_id})
RETURN verdicts, run.counts AS counts, datetime().epochSeconds AS verdicts_at
