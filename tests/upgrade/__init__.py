"""A home and a graph that an earlier version of Ringsight left, and what made them."""
