"""Usage formats: one file for each, from the source's own records to usage records."""
