// name: open_file
// parameters: source, file, bytes, batch_size, rules
// purpose: Finds or makes the progress of one file; what it says wins over what this call asked for.
MERGE (s:IngestSource {id: $source})
ON CREATE SET s.name = $file, s.bytes = $bytes, s.state = 'reading', s.position = 0, s.row = 0, s.batch = 0,
  s.batch_size = $batch_size, s.rules = $rules, s.events = 0, s.refused = 0, s.duplicates = 0, s.started_at = datetime()
RETURN s.state AS state, s.position AS position, s.row AS row, s.batch AS batch, s.batch_size AS batch_size,
  s.rules AS rules, s.started_at AS started_at
