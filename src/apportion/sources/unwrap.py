"""From a file as it is delivered to one that can be read, without its packing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from apportion.errors import Place, SourceError
from apportion.sources.container import Container, container_of
from apportion.sources.excel import Sheet, sheet_to_csv
from apportion.sources.head import csv_head
from apportion.sources.unpack import gunzip, unzip

_UNPACK: Mapping[Container, Callable[[Path, Path, str], None]] = {
    Container.GZIP: gunzip,
    Container.ZIP: unzip,
}


@dataclass(frozen=True)
class Plain:
    """A file that can be read as it is: `container` is CSV, JSON_LINES, PARQUET or EMPTY."""

    path: Path
    container: Container


def unwrap(path: Path, name: str, folder: Path, sheet: Sheet | None = None) -> Plain:
    """Unpack a file into `folder` where it is packed, and turn a workbook's sheet into a CSV.

    A file may be packed once. Raises SourceError for what is no bill, is
    damaged, or unpacks beyond the bounds; `name` is how people know the file.
    """
    if name.lower().endswith(".gz"):
        _refuse_misnamed(path, name)
    container = container_of(path, name)
    if container in _UNPACK:
        unpacked = folder / "unpacked"
        _UNPACK[container](path, unpacked, name)
        path, container = unpacked, container_of(unpacked, name)
        if container in _UNPACK:
            raise SourceError("packed twice", place=Place(name), hint="unpack it once")
    if container is Container.EXCEL:
        text = folder / "sheet.csv"
        sheet_to_csv(path, text, name, sheet or Sheet())
        return Plain(text, container_of(text, name))
    return Plain(path, container)


def _refuse_misnamed(path: Path, name: str) -> None:
    """What is named .gz and isn't gzip may be a plain bill; anything else is told as what it is."""
    try:
        if container_of(path, name) is Container.CSV:
            csv_head(path, name)
    except SourceError as fault:
        why = f"{fault.what}: {fault.why}" if fault.why else fault.what
        raise SourceError(
            "not a gzip file, though it is named .gz",
            place=Place(name),
            why=why,
            hint="fetch it again; the download may have failed, or have been unpacked on the way",
        ) from fault
