"""How good scores are against a truth. Beside the flow: only the command line and benchmarks use it."""
