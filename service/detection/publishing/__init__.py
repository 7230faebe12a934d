"""Writes a run to the graph, with its reasons, and publishes it."""
