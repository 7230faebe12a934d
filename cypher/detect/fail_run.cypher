// name: fail_run
// parameters: run, error
// purpose: Marks a run as failed, with what went wrong.
MATCH (n:DetectionRun {id: $run})
SET n.state = 'failed', n.finished_at = datetime(), n.error = $error, n.usual = null
