// name: worker_beat
// parameters: log, worker, lease_ms
// purpose: Tells that a worker lives, forgets those long dead, and lists the living ones.
MERGE (w:Worker {id: $worker})
SET w.log = $log, w.until = timestamp() + $lease_ms
WITH w
CALL () {
  MATCH (old:Worker) WHERE old.until < timestamp() - 3600000
  DELETE old
}
MATCH (living:Worker {log: $log}) WHERE living.until >= timestamp()
RETURN living.id AS id
ORDER BY id
