// name: log_status
// parameters: log
// purpose: How far each partition is, and who reads it.
MATCH (p:LogPartition {log: $log})
RETURN p.number AS number, p.offset AS offset, p.events AS events, p.refused AS refused, p.duplicates AS duplicates,
  p.repeats AS repeats, CASE WHEN p.until >= timestamp() THEN p.owner END AS owner
ORDER BY number
