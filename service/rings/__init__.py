"""Rings: what analysts read of rings and accounts, what they do about them, and the feed of what changed."""
