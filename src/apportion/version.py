"""The version of apportion; runs name it."""

__version__ = "0.1.0"
