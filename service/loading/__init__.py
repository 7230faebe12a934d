"""Loading: accounts and links into the graph, in batches that count once, and what is too old out of it again."""
