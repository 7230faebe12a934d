"""Judges scores against what is true. It imports nothing of how scores are made, only the levels' names."""
