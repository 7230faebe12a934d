"""Ringsight: finds rings of fake accounts in an account network."""
