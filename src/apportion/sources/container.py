"""What a file is, told by its content and never by its name."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from apportion.errors import Place, SourceError


class Container(StrEnum):
    """How rows are packed in a file."""

    CSV = "csv"
    GZIP = "gzip"
    ZIP = "zip"
    EXCEL = "excel"
    PARQUET = "parquet"
    JSON_LINES = "json lines"
    EMPTY = "empty"


_HEAD = 4096
_ZIPPED = (b"PK\x03\x04", b"PK\x05\x06")
_NO_BILL = "not a CSV, JSON lines, Parquet or Excel file"

_STRANGERS: tuple[tuple[bytes, str, str], ...] = (
    (
        b"\xd0\xcf\x11\xe0",
        "an Excel workbook of the old kind (.xls), or one with a password",
        "save it as .xlsx without a password",
    ),
    (b"%PDF", "a PDF document", "load the provider's detailed export, not the printed invoice"),
    (b"\xff\xfe", "text in UTF-16", "save it as UTF-8"),
    (b"\xfe\xff", "text in UTF-16", "save it as UTF-8"),
    (b"\xfd7zXZ", "an xz archive", "unpack it, or pack it with gzip"),
    (b"BZh", "a bzip2 archive", "unpack it, or pack it with gzip"),
    (b"(\xb5/\xfd", "a zstd archive", "unpack it, or pack it with gzip"),
    (b"Obj\x01", "an Avro file", "export CSV or Parquet"),
)

_TEXTS: tuple[tuple[bytes, str, str], ...] = (
    (b"<", "HTML or XML", "this is often an error page in place of a download: fetch it again"),
    (b"{", "JSON over several lines", "write JSON lines, one object to a line: jq -c ."),
    (b"[", "a JSON array", "write JSON lines, one object to a line: jq -c '.[]'"),
)

_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1f]")

_OBJECT = re.compile(rb'\{[ \t]*["}]')
"""How a line begins that holds an object, where JSON over several lines breaks off."""


def container_of(path: Path, name: str) -> Container:
    """Tell what a file is; raises SourceError, with what it seems to be, for all that is no bill.

    `name` is how the file is called in the message.
    """
    try:
        with path.open("rb") as opened:
            head = opened.read(_HEAD)
    except OSError as fault:
        raise SourceError(
            "can't be opened", place=Place(name), why=str(fault.strerror), hint="check its rights"
        ) from fault
    if not head:
        return Container.EMPTY
    if head.startswith(b"\x1f\x8b"):
        return Container.GZIP
    if head.startswith(_ZIPPED):
        return _excel_or_zip(path)
    if head.startswith(b"PAR1"):
        return Container.PARQUET
    if _OBJECT.match(_text(head)):
        return Container.JSON_LINES
    _refuse_strangers(head, name)
    return Container.CSV


def _excel_or_zip(path: Path) -> Container:
    """A workbook is a zip archive too; a damaged one is left to whoever unpacks it."""
    try:
        with ZipFile(path) as archive:
            parts = set(archive.namelist())
    except (BadZipFile, NotImplementedError, OSError):
        return Container.ZIP
    return Container.EXCEL if "xl/workbook.xml" in parts else Container.ZIP


def _refuse_strangers(head: bytes, name: str) -> None:
    text = _text(head)
    found = [stranger for stranger in _STRANGERS if head.startswith(stranger[0])]
    found += [stranger for stranger in _TEXTS if text.startswith(stranger[0])]
    for _, what, hint in found:
        raise SourceError(f"{_NO_BILL}: {what}", place=Place(name), hint=hint)
    if _is_binary(text.partition(b"\n")[0]):
        raise SourceError(
            f"{_NO_BILL}: binary content",
            place=Place(name),
            hint="export the bill as CSV (UTF-8), Parquet or JSON lines",
        )


def _is_binary(line: bytes) -> bool:
    """Whether a first line can't be text: a NUL byte, or control characters among odd bytes."""
    if b"\x00" in line:
        return True
    return "\ufffd" in line.decode(errors="replace") and bool(_CONTROL.search(line))


def _text(head: bytes) -> bytes:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()
