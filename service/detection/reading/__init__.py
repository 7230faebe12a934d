"""Reads the graph, and what the last run left in it, into arrays."""
