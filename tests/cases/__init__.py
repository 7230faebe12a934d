"""Textbook cases: what an analyst can judge, with a generator of their own."""
