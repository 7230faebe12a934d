"""The read index: what decisions are made from, built from the graph after a run and kept fresh in between."""
