// name: lease_renew
// parameters: log, worker, lease_ms
// purpose: Renews the leases that a worker still has, and tells where they stand.
MATCH (p:LogPartition {log: $log})
WHERE p.owner = $worker
SET p.touched_at = timestamp()
WITH p WHERE p.owner = $worker
SET p.until = timestamp() + $lease_ms
RETURN p.number AS number, p.offset AS offset, p.epoch AS epoch
ORDER BY number
