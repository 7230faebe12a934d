"""Graph: the Neo4j client, its schema and the batched, idempotent writes."""
