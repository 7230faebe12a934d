// name: published_run
// parameters: none
// purpose: The run that readers see: when it finished (epoch seconds), its counts (JSON text) and model version.
MATCH (p:Pointer {name: 'published'})
OPTIONAL MATCH (run:DetectionRun {id: p.run_id})
RETURN p.run_id AS run_id, coalesce(run.finished_at.epochSeconds, 0) AS finished,
  coalesce(run.counts, '{}') AS counts, coalesce(run.model_version, 'unknown') AS model_version
