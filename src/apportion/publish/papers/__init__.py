"""Statements as papers: PDF, XLSX and pages without a server, each of which explains itself."""
