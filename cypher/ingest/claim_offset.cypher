// name: claim_offset
// parameters: partition, worker, epoch, lease_ms, after, upto, events, refused, duplicates, repeats, refused_values, ignored_fields
// purpose: Locks a partition and moves its offset on; no row if it is not this worker's any more, or stands elsewhere.
//   Tells which key tokens are under (null: nothing says so yet), and whether it is being exchanged.
MATCH (p:LogPartition {id: $partition})
SET p.touched_at = timestamp()
WITH p WHERE p.owner = $worker AND p.epoch = $epoch AND p.offset = $after
SET p.offset = $upto, p.until = timestamp() + $lease_ms, p.events = p.events + $events, p.refused = p.refused + $refused,
  p.duplicates = p.duplicates + $duplicates, p.repeats = p.repeats + $repeats,
  p.refused_values = coalesce(p.refused_values, 0) + $refused_values,
  p.ignored_fields = coalesce(p.ignored_fields, 0) + $ignored_fields
WITH p
OPTIONAL MATCH (k:TokenKey {name: 'current'})
RETURN p.offset AS offset, k.key AS key, coalesce(k.changing, false) AS changing
