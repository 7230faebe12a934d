// name: 30_ingest_source_id
// parameters: none
// purpose: One node for each file or stream that was ingested: it holds how far.
CREATE CONSTRAINT ingest_source_id IF NOT EXISTS FOR (n:IngestSource) REQUIRE n.id IS UNIQUE
