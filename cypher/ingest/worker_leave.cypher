// name: worker_leave
// parameters: log, worker
// purpose: A worker that ends gives its partitions back.
MATCH (w:Worker {id: $worker})
DETACH DELETE w
WITH count(*) AS gone
MATCH (p:LogPartition {log: $log, owner: $worker})
SET p.owner = null
