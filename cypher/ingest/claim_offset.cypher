// name: claim_offset
// parameters: partition, worker, epoch, lease_ms, after, upto, events, refused, duplicates, repeats
// purpose: Locks a partition and moves its offset on; no row if it is not this worker's any more, or stands elsewhere.
MATCH (p:LogPartition {id: $partition})
SET p.touched_at = timestamp()
WITH p WHERE p.owner = $worker AND p.epoch = $epoch AND p.offset = $after
SET p.offset = $upto, p.until = timestamp() + $lease_ms, p.events = p.events + $events, p.refused = p.refused + $refused,
  p.duplicates = p.duplicates + $duplicates, p.repeats = p.repeats + $repeats
RETURN p.offset AS offset
