// name: open_partitions
// parameters: log, partitions
// purpose: Finds or makes the progress of each partition of an event log.
UNWIND $partitions AS number
MERGE (p:LogPartition {id: $log + '/' + toString(number)})
ON CREATE SET p.log = $log, p.number = number, p.offset = -1, p.epoch = 0, p.events = 0, p.refused = 0,
  p.duplicates = 0, p.repeats = 0, p.refused_values = 0, p.ignored_fields = 0
