// name: claim_batch
// parameters: source, position, batch
// purpose: Locks the source's progress and moves it on by one batch; no row if that batch was already written.
MATCH (s:IngestSource {id: $source})
SET s.touched_at = datetime()
WITH s WHERE s.state = 'reading' AND s.position = $position AND s.batch = $batch
SET s.batch = $batch + 1
RETURN s.batch AS batch
