"""Governance: who may do what, what must be approved, what is disputed, and what policies say."""
