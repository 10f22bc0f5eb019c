"""Bring bills in: read, set aside, fold, and make them the current snapshots of their periods."""

from apportion.load.load import load
from apportion.load.report import PeriodLoad, Progress, SourceLoad, State

__all__ = ["PeriodLoad", "Progress", "SourceLoad", "State", "load"]
