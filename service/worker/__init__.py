"""The worker: reads the event log, writes batches, and shares partitions with other workers."""
