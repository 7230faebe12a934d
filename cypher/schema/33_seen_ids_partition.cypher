// name: 33_seen_ids_partition
// parameters: none
// purpose: Finds the event ids that a partition remembers.
CREATE INDEX seen_ids_partition IF NOT EXISTS FOR (n:SeenIds) ON (n.partition)
