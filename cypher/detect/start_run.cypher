// name: start_run
// parameters: run, user, parameters, model_version
// purpose: Notes a run that starts, and fails those that a killed process left running (nobody knows when they ended). Locks the pointer,
//   so that no incremental pass begins meanwhile. $user: whose transaction is open as long as the run is.
OPTIONAL MATCH (p:Pointer {name: 'published'})
SET p.touched_at = timestamp()
WITH count(p) AS locked
OPTIONAL MATCH (old:DetectionRun {state: 'running'})
SET old.state = 'failed', old.usual = null
WITH count(old) AS stale
MERGE (n:DetectionRun {id: $run})
SET n.state = 'running', n.started_at = datetime(), n.parameters = $parameters, n.model_version = $model_version, n.user = $user
RETURN stale
