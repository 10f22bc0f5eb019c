"""The user's allocation model as code: read, checked, dated, and compared."""
