"""Houses whose source `cloud` is a table, described as users do, in apportion.yaml."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import indent

from apportion.model.read_project import read_project
from loads import House


def table_house(root: Path, source: str, currency: str = "EUR") -> House:
    """A project whose source `cloud` has these lines of YAML; its files lie in `bills`."""
    house = House(root)
    describe(house, source, currency)
    return house


def describe(house: House, source: str, currency: str = "EUR") -> None:
    """Describe the source anew."""
    text = f"name: Test company\ncurrency: {currency}\nsources:\n  cloud:\n    path: bills\n"
    (house.root / "apportion.yaml").write_text(text + indent(source.strip("\n") + "\n", "    "))
    read = read_project(house.root)
    house.project = replace(house.project, sources=read.sources, currency=read.currency)


def rows_text(rows: Sequence[Mapping[str, str]]) -> str:
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()
