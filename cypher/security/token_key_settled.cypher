// name: token_key_settled
// parameters: none
// purpose: Waits for the writers that began before they were held back: each holds the lock of its partition or file.
CALL () {
  MATCH (p:LogPartition)
  SET p.touched_at = timestamp()
  RETURN count(p) AS partitions
}
CALL () {
  MATCH (s:IngestSource {state: 'reading'})
  SET s.touched_at = datetime()
  RETURN count(s) AS files
}
RETURN partitions, files
