"""Graph: the Neo4j client, its queries, its schema, and whether the database answers."""
