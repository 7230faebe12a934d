"""Worlds of accounts that other authors wrote, who had read neither the simulator nor the random worlds."""
