"""The books: what is current, what was run, and who did what, in a relational database."""

from apportion.store.books.audit import AuditEntry
from apportion.store.books.books import Books
from apportion.store.books.runs import ALL_PARTS, RunHead

__all__ = ["ALL_PARTS", "AuditEntry", "Books", "RunHead"]
