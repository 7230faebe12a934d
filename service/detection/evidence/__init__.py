"""Finds identifiers on which accounts appear together in time, and weighs the links to them. Numpy only."""
