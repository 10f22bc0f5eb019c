"""Progress of long work: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apportion.load import Progress

SECONDS_BETWEEN_LINES = 5.0


class Bar:
    """Shows how far a load is, with rows a second; silent when `quiet`."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self._live = sys.stderr.isatty()
        self._last = monotonic()
        self._drawn = False

    def show(self, progress: Progress) -> None:
        """Tell of progress; on a terminal the line is redrawn, elsewhere it comes now and then."""
        if self.quiet:
            return
        line = str(progress)
        if self._live:
            sys.stderr.write(f"\r\x1b[2K{line}")
            self._drawn = True
        elif monotonic() - self._last >= SECONDS_BETWEEN_LINES:
            self._last = monotonic()
            sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._drawn:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
