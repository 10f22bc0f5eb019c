"""Put files of a journal in place: all of them whole, or none."""

from __future__ import annotations

import os
from pathlib import Path

from apportion.publish.erp.target import Files


def write_files(files: Files, folder: Path) -> tuple[Path, ...]:
    """Write files beside their places first, and move them when all are whole.

    A full disk, or a process that is killed, leaves no half file under a name that somebody
    might post. Raises OSError where a file can't be written; nothing is moved then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    staged: list[tuple[Path, Path]] = []
    try:
        for name, content in files.items():
            part = folder / f".{name}.part"
            staged.append((part, folder / name))
            with part.open("wb") as handle:
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
        for part, path in staged:
            part.replace(path)
    finally:
        for part, _ in staged:
            part.unlink(missing_ok=True)
    return tuple(path for _, path in staged)
