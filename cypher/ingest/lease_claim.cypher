// name: lease_claim
// parameters: log, worker, lease_ms, wanted
// purpose: Takes up to so many partitions that nobody has, or whose owner is dead.
MATCH (p:LogPartition {log: $log})
WHERE p.owner IS NULL OR p.until < timestamp()
WITH p ORDER BY p.number LIMIT $wanted
SET p.touched_at = timestamp()
WITH p WHERE p.owner IS NULL OR p.until < timestamp()
SET p.owner = $worker, p.until = timestamp() + $lease_ms, p.epoch = p.epoch + 1
RETURN p.number AS number, p.offset AS offset, p.epoch AS epoch
