"""Bills in object stores: listed, fetched once, and laid out like local folders.

Formats know nothing of it. They look for their files in a folder of this
machine that has the paths of the store.
"""
