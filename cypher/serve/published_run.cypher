// name: published_run
// parameters: none
// purpose: The run that readers see, and when it finished.
MATCH (p:Pointer {name: 'published'})
OPTIONAL MATCH (run:DetectionRun {id: p.run_id})
RETURN p.run_id AS run_id, toString(run.finished_at) AS finished_at
