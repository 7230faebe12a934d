// name: detection_runs
// parameters: id, limit
// purpose: Detection runs, latest first: one of them ($id), or the latest $limit ($id null).
OPTIONAL MATCH (p:Pointer {name: 'published'})
WITH p.run_id AS published
MATCH (run:DetectionRun) WHERE $id IS NULL OR run.id = $id
RETURN run.id AS id, run.state AS state, toString(run.started_at) AS started_at,
  toString(run.finished_at) AS finished_at, run.model_version AS model_version,
  coalesce(run.parameters, '{}') AS parameters, coalesce(run.counts, '{}') AS counts,
  coalesce(run.timings, '{}') AS timings, run.error AS error, run.id = published AS published
ORDER BY run.started_at DESC LIMIT $limit
