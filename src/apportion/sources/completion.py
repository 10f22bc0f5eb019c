"""Charges that no file shows by itself, but all files of a month's delivery together do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

DELIVERY = "delivery"
"""The relation of all charges that the files of one source and billing period brought."""


@dataclass(frozen=True)
class Completion:
    """Further charges that a format makes of a whole delivery, told as a file of their own.

    `name` is how people know them. They are made only where some file has the
    column `needed`. `charges` is given the names of the columns of DELIVERY and
    makes rows of the same columns. Rows that it describes as `doubt` in their
    ChargeDescription are counted in a finding of `code`.
    """

    name: str
    needed: str
    charges: Callable[[Sequence[str]], exp.Query]
    doubt: str
    code: str
    message: str
    hint: str
