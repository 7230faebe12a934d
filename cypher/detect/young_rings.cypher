// name: young_rings
// parameters: run, most
// purpose: The rings (ids) of up to $most accounts that were found since this run was published, in one record.
MATCH (n:DetectionRun {id: $run})
OPTIONAL MATCH (r:Ring {run: n.id}) WHERE r.found_at > n.finished_at AND r.size <= $most
RETURN collect(r.id) AS rings
