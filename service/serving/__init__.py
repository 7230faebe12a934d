"""Serving: what a decision, a page or an API answer reads, from the read index or the graph."""
