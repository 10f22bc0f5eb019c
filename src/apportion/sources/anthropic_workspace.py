"""Whose a null workspace is in Anthropic's reports: the default workspace's, or nobody's.

A report that is grouped by workspace says null for the organisation's default workspace,
which is a workspace like others. One that isn't grouped says null everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apportion.sources.files import InputFile
from apportion.sources.pages import Asked, read_pages

DEFAULT = "default"
"""What the default workspace, which has no id, is called."""

_GROUP = "workspace_id"


@dataclass(frozen=True)
class Workspaces:
    """What a file tells of workspaces; `named_some` says that some result names one."""

    named_some: bool

    @classmethod
    def of(cls, file: InputFile) -> Workspaces:
        """Look through a file until it shows; one that was pulled says so itself."""
        for page in read_pages(file):
            if page.asked.groups(_GROUP) is not None:
                return cls(False)
            if any(isinstance(result, dict) and result.get(_GROUP) for _, result in page.results()):
                return cls(True)
        return cls(False)

    def named(self, asked: Asked, result: Mapping[str, Any]) -> str | None:
        """The workspace of a result; None where it can't be told."""
        if workspace := result.get(_GROUP):
            return str(workspace)
        grouped = asked.groups(_GROUP)
        return DEFAULT if (self.named_some if grouped is None else grouped) else None
