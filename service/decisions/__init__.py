"""Decisions: the risk of an account or a signup, the policy's action, and the journal of what was answered."""
