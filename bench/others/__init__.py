"""Worlds by other authors, each in a package of its own: what is fitted must hold there, too."""
