"""Privacy: erasing persons, removing what is too old, and exchanging the key that identifiers are kept under."""
