"""Journals in the form that an ERP takes: one small writer a file, over the neutral journal.

Each module of a format holds its limits as data and one pure function: documents that fit
these limits in, files by name out. :mod:`~apportion.publish.erp.fit` makes documents fit, or
says why they don't, before anything is written.
"""
