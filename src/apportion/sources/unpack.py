"""Unpack gzip into a plain file, within bounds that no bill reaches and a bomb does."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from apportion.errors import Place, SourceError

LARGEST = 200 * 1024**3
"""Bytes that a file may unpack to."""

RATIO = 200
"""How much larger than packed a file may unpack, once it is beyond `FREE` bytes."""

FREE = 64 * 1024**2

_CHUNK = 1024**2


def gunzip(packed: Path, plain: Path, name: str) -> None:
    """Write what `packed` holds to `plain`; memory stays at a megabyte whatever the file claims.

    Raises SourceError for a file that is cut short, damaged, or unpacks beyond
    the bounds. `name` is how the file is called in the message.
    """
    most = min(LARGEST, max(FREE, RATIO * packed.stat().st_size))
    written = 0
    try:
        with gzip.open(packed) as source, plain.open("wb") as target:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > most:
                    raise SourceError(
                        f"unpacks to more than {most:,} bytes",
                        place=Place(name),
                        why=f"at most {RATIO} times its packed size and {LARGEST:,} bytes are read",
                        hint="split the file, or load it unpacked if it is what it should be",
                    )
                target.write(chunk)
    except EOFError as fault:
        raise SourceError(
            "the gzip file is cut short",
            place=Place(name),
            why="it ends in the middle of its data, so rows are missing",
            hint="fetch or copy it again; nothing of this source was loaded",
        ) from fault
    except (gzip.BadGzipFile, zlib.error) as fault:
        raise SourceError(
            "the gzip file is damaged", place=Place(name), why=str(fault), hint="fetch it again"
        ) from fault
