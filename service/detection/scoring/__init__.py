"""Scores rings and their members, with what analysts said of them."""
