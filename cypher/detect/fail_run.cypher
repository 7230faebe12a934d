// name: fail_run
// parameters: run, error
// purpose: Marks a run as failed, with what went wrong; one that was published stays so.
MATCH (n:DetectionRun {id: $run, state: 'running'})
SET n.state = 'failed', n.finished_at = datetime(), n.error = $error, n.usual = null
