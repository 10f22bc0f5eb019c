"""apportion: AI cost in, statements that teams accept and journals that finance can post out."""

__version__ = "0.1.0"
