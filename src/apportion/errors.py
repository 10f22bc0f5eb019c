"""Every fault that apportion raises, and the exit code it ends a command with.

Data faults are values (:class:`apportion.domain.finding.Finding`), not
exceptions. What raises is a fault of use, of configuration, or of the program::

    ApportionError                 2   what, where, why, and what to do
    ├── UsageError                 2   the command was called in a way that can't be
    ├── ConfigurationError         2   apportion.yaml or a model file is wrong
    ├── SourceError                2   a bill can't be read as a whole
    ├── BooksError                 2   the books can't be opened or read
    ├── PaperError                 2   a statement can't be set, or a file can't be checked
    ├── DeliveryError              2   a statement can't be sent
    ├── LakeError                  2   a file of the lake is lost or damaged
    ├── LoadConflict               2   another load committed the same period first
    ├── JournalConflict            2   another content is booked under the same id
    ├── InvoiceConflict            2   an invoice of that number says something else
    ├── PeriodClosed               2   a period is past what was asked, or may not close yet
    ├── NotAllowed                 2   the one who asks may not do it
    ├── NotLoaded                  2   the period asked for has no charges or no run
    └── ProofError                 3   a run can't prove that it matches the bill
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Place:
    """Where a fault lies: a file, and within it a line and a column (from 1).

    >>> str(Place("model/rules.yaml", 4, 7))
    'model/rules.yaml:4:7'
    >>> str(Place("bill.csv"))
    'bill.csv'
    """

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = [self.file, *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(parts)


class ApportionError(Exception):
    """A fault that ends a command: what went wrong, where, why, and the remedy.

    >>> print(ApportionError("unknown key 'tema'", place=Place("rules.yaml", 3, 5), hint="'team'?"))
    rules.yaml:3:5: unknown key 'tema'
      do: 'team'?
    """

    exit_code = 2

    def __init__(
        self, what: str, *, place: Place | None = None, why: str = "", hint: str = ""
    ) -> None:
        self.what = what
        self.place = place
        self.why = why
        self.hint = hint
        super().__init__(what)

    def __str__(self) -> str:
        first = f"{self.place}: {self.what}" if self.place else self.what
        lines = [first]
        if self.why:
            lines.append(f"  why: {self.why}")
        if self.hint:
            lines.append(f"  do: {self.hint}")
        return "\n".join(lines)


class UsageError(ApportionError):
    """The command or function was called in a way that can't be carried out."""


class ConfigurationError(ApportionError):
    """apportion.yaml or the model is wrong; `others` holds further faults of the same reading."""

    def __init__(
        self,
        what: str,
        *,
        place: Place | None = None,
        why: str = "",
        hint: str = "",
        others: tuple[ConfigurationError, ...] = (),
    ) -> None:
        super().__init__(what, place=place, why=why, hint=hint)
        self.others = others

    def all(self) -> tuple[ConfigurationError, ...]:
        """This fault and the further ones, in the order of their places."""
        return (self, *self.others)


class SourceError(ApportionError):
    """A bill can't be read as a whole: not a CSV, cut short, a needed column missing."""


class BooksError(ApportionError):
    """The books can't be opened, or their schema is not one that this version knows."""


class LakeError(ApportionError):
    """A file of the lake is lost, or isn't what was loaded; loading again mends it."""


class PaperError(ApportionError):
    """A statement can't be set as PDF or XLSX, or a file isn't one that can be checked."""


class DeliveryError(ApportionError):
    """A statement can't be sent: no address, an address that isn't allowed, or it was refused."""


class LoadConflict(ApportionError):
    """Another load committed the same source and billing period first; nothing was changed."""


class JournalConflict(ApportionError):
    """A journal document is booked already, and says something else; nothing was changed."""


class InvoiceConflict(ApportionError):
    """An invoice is in the books already, and says something else; nothing was changed."""


class PeriodClosed(ApportionError):
    """A period is closed, or can't be: what keeps it stands in `why`."""


class NotAllowed(ApportionError):
    """Whoever asks lacks the role for it, or a duty must lie with another person."""


class NotLoaded(ApportionError):
    """What was asked for isn't in the books: no charges loaded, or no run made."""


class ProofError(ApportionError):
    """A run can't prove that what it charges equals what was read."""

    exit_code = 3
