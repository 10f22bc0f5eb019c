"""The nouns: money, period, charge, owner, share, finding. Values only; no input or output."""
