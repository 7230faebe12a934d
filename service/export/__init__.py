"""Export: a ring with its evidence, in formats that other tools open."""
