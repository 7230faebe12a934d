"""Gives a ring the id that it had in the last run, and decides when an account leaves it."""
