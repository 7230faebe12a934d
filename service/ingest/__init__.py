"""Ingest: parses, normalises, tokenises and aggregates events. Knows nothing of the graph."""
