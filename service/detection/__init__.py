"""Detection: projects the shared identifiers into GDS, groups accounts and matches ring ids."""
