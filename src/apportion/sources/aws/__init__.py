"""Bills of Amazon Web Services: the Cost and Usage Report, however spelt, and its delivery."""
