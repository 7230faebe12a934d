// name: close_segment
// parameters: source, position, batch, next_position, next_row, events, refused, duplicates, state
// purpose: After the last batch of a segment: progress goes to the segment's end, with its counts.
MATCH (s:IngestSource {id: $source})
SET s.touched_at = datetime()
WITH s WHERE s.state = 'reading' AND s.position = $position AND s.batch = $batch
SET s.position = $next_position, s.row = $next_row, s.batch = 0, s.state = $state,
  s.events = s.events + $events, s.refused = s.refused + $refused, s.duplicates = s.duplicates + $duplicates,
  s.finished_at = CASE $state WHEN 'done' THEN datetime() END
RETURN s.position AS position
