"""Fetch reports from their providers: page by page, again where it fails, whole or not at all.

What was fetched lies in the folder of its source, as the provider wrote it, and is loaded from
there like any file that people export. Nothing is loaded straight from the net.
"""
