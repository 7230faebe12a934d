"""The pages for fraud teams, and the guide for Neo4j Browser."""
