"""Groups accounts by their links. The only room that uses Graph Data Science."""
