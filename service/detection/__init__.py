"""Detection, from the graph to a published run: reading, evidence, grouping, scoring, identity, publishing.

`pipeline.py` runs these rooms in that order over all of the graph, `incremental.py` over a part of it between runs.
All numbers stand in `parameters.py`."""
