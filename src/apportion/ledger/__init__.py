"""The ledger: journals of closed months, balanced to the minor unit, never edited."""
