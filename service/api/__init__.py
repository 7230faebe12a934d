"""The HTTP API: the application, its views, and what these share."""
