// name: log_status
// parameters: log
// purpose: How far each partition is, and who reads it.
MATCH (p:LogPartition {log: $log})
RETURN p.number AS number, p.offset AS offset, p.events AS events, p.refused AS refused, p.duplicates AS duplicates,
  p.repeats AS repeats, coalesce(p.refused_values, 0) AS refused_values,
  coalesce(p.ignored_fields, 0) AS ignored_fields, CASE WHEN p.until >= timestamp() THEN p.owner END AS owner
ORDER BY number
