"""Bills and their formats: where the files lie, what they are, and how each format is read.

One file per format. A format never touches rows: it looks at the head of a
file and answers with a :class:`~apportion.sources.reading.Reading`, the
expressions that turn the file's texts into charges. Loading runs them.
"""
