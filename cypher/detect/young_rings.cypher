// name: young_rings
// parameters: run
// purpose: The rings (ids) that were found since this run was published, in one record.
MATCH (n:DetectionRun {id: $run})
OPTIONAL MATCH (r:Ring {run: n.id}) WHERE r.found_at > n.finished_at
RETURN collect(r.id) AS rings
