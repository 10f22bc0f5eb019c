"""apportion: AI cost in, statements that teams accept and journals that finance can post out.

The road in Python, each step returning an Arrow table::

    with apportion.open_project("folder") as project:
        project.load()                  bring in its bills
        project.run("2026-10")          evaluate the model on a period
        project.statement("2026-10")    what each team carries
        project.reconcile("2026-10")    the proof that it is what was billed
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apportion.errors import ApportionError
from apportion.version import __version__

if TYPE_CHECKING:
    from apportion.api import Project, open_project

__all__ = ["ApportionError", "Project", "__version__", "open_project"]


def __getattr__(name: str) -> object:
    """Import the road when it is first used, so that importing apportion stays light."""
    if name in {"Project", "open_project"}:
        from apportion import api

        return getattr(api, name)
    raise AttributeError(f"module 'apportion' has no attribute {name!r}")
