"""Sources: reads events from files, HTTP bodies and event logs, as they are."""
