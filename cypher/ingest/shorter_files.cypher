// name: shorter_files
// parameters: source, bytes
// purpose: Files that were ingested, at least in part, and are shorter than this one, if it was not ingested itself.
MATCH (s:IngestSource)
WHERE s.bytes < $bytes AND NOT EXISTS { (:IngestSource {id: $source}) }
RETURN s.id AS id, s.name AS name, s.bytes AS bytes
ORDER BY bytes
