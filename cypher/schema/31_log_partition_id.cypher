// name: 31_log_partition_id
// parameters: none
// purpose: One node for each partition of an event log: it holds the offset.
CREATE CONSTRAINT log_partition_id IF NOT EXISTS FOR (n:LogPartition) REQUIRE n.id IS UNIQUE
