"""Scoring: turns evidence into a score, a level and reasons, by small pure functions."""
