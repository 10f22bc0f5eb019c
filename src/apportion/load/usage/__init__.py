"""Bring usage in: read, set aside, count each record once, and fold by key and day."""

from apportion.load.usage.load_usage import load_usage
from apportion.load.usage.usage_load import UsageLoad

__all__ = ["UsageLoad", "load_usage"]
