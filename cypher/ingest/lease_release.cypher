// name: lease_release
// parameters: log, worker, numbers
// purpose: Gives partitions back, for another worker to take.
MATCH (p:LogPartition {log: $log})
WHERE p.owner = $worker AND p.number IN $numbers
SET p.owner = null
