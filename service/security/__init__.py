"""Who may do what: API keys, roles, sessions, limits, and the journal of changes and exports."""
