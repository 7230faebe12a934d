"""Seeded populations with known rings. Beside the flow: only the command line, tests and benchmarks use it."""
