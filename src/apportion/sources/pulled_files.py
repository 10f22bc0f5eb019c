"""Names of the files that `apportion pull` writes: when they were pulled, and what they cover.

``20261103T120000Z_openai-costs_2026-10-01_2026-11-01.jsonl`` was pulled on 3 November and covers
the days from 1 October to before 1 November. The order of names is the order of time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from apportion.model.project import SourceSpec
from apportion.sources.files import InputFile, find_files

_NAME = re.compile(
    r"(?P<pulled>\d{8}T\d{6}Z)_(?P<api>[a-z-]+)_(?P<start>\d{4}-\d\d-\d\d)_(?P<until>\d{4}-\d\d-\d\d)"
    r"\.jsonl",
    re.ASCII,
)


@dataclass(frozen=True, order=True)
class PulledFile:
    """What the name of a pulled file says; `until` is the first day that it doesn't cover."""

    pulled: str
    api: str
    start: date
    until: date

    @classmethod
    def at(cls, moment: datetime, api: str, start: date, until: date) -> PulledFile:
        """A file that is pulled at a moment (UTC)."""
        return cls(f"{moment:%Y%m%dT%H%M%SZ}", api, start, until)

    @classmethod
    def read(cls, name: str) -> PulledFile | None:
        """What a name says; None where it isn't that of a pulled file.

        >>> PulledFile.read("20261103T120000Z_openai-costs_2026-10-01_2026-11-01.jsonl").until
        datetime.date(2026, 11, 1)
        """
        found = _NAME.fullmatch(name)
        if found is None:
            return None
        try:
            start, until = date.fromisoformat(found["start"]), date.fromisoformat(found["until"])
        except ValueError:
            return None
        return cls(found["pulled"], found["api"], start, until)

    @property
    def name(self) -> str:
        return f"{self.pulled}_{self.api}_{self.start}_{self.until}.jsonl"


def find_newest(spec: SourceSpec, root: Path) -> tuple[InputFile, ...]:
    """The files of a bill; of those that were pulled, the newest that covers a month.

    Cost is pulled by whole months, and a month that is pulled again is told anew: the
    files before it are kept, and no longer count.
    """
    return tuple(_newest(find_files(spec, root)))


def _newest(files: Iterable[InputFile]) -> Iterable[InputFile]:
    last: dict[tuple[str, str, date], InputFile] = {}
    for file in files:  # in the order of names, which is that of time
        pulled = PulledFile.read(file.path.name)
        if pulled is None:
            yield file
        else:
            last[str(file.path.parent), pulled.api, pulled.start] = file
    yield from last.values()
