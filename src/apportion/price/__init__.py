"""Prices: what the charges' currencies are worth in the reporting currency."""
