"""Statements on their way: by mail to the owners of teams, and over the web, signed."""
