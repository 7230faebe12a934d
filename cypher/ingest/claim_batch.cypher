// name: claim_batch
// parameters: source, position, batch
// purpose: Locks the source's progress and moves it on by one batch; no row if that batch was already written. Tells which
//   key tokens are under (null: nothing says so yet), and whether it is being exchanged.
MATCH (s:IngestSource {id: $source})
SET s.touched_at = datetime()
WITH s WHERE s.state = 'reading' AND s.position = $position AND s.batch = $batch
SET s.batch = $batch + 1
WITH s
OPTIONAL MATCH (k:TokenKey {name: 'current'})
RETURN s.batch AS batch, k.key AS key, coalesce(k.changing, false) AS changing
