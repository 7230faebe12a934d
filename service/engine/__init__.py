"""The local Neo4j with GDS: resolve, start, stop. Beside the flow: only the command line and tests use it."""
