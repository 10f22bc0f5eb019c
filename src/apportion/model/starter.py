"""The starter: a small project that passes the check and works with any FOCUS file."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from apportion.errors import Place, UsageError
from apportion.model.text_file import write_atomically

TEMPLATES = {
    "apportion.yaml": "apportion.yaml",
    "model/organisation.yaml": "model/organisation.yaml",
    "model/tags.yaml": "model/tags.yaml",
    "model/rules.yaml": "model/rules.yaml",
    "model/pools.yaml": "model/pools.yaml",
    "model/budgets.yaml": "model/budgets.yaml",
    "model/assignments.csv": "model/assignments.csv",
    "bills/README.md": "bills/README.md",
    ".gitignore": "gitignore",
}


def init_project(folder: Path) -> list[Path]:
    """Write a starter project into a folder, and return the files written.

    A newcomer changes the names of the teams, drops a bill into ``bills/`` and
    goes. Raises UsageError, and writes nothing, where any of the files is there
    already.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(
            "a project is a folder, and this is a file",
            place=Place(str(folder)),
            hint="choose another name: apportion init DIR",
        )
    there = [name for name in TEMPLATES if (folder / name).exists()]
    # A .gitignore alone is what a fresh repository has; it is kept as it is.
    if there and there != [".gitignore"]:
        raise UsageError(
            f"{there[0]} is there already",
            place=Place(str(folder)),
            why="init never overwrites",
            hint="choose an empty folder: apportion init DIR",
        )
    source = files("apportion.model") / "starter_files"
    name = folder.expanduser().resolve().name or "Our company"
    written = []
    for target, template in TEMPLATES.items():
        if target in there:
            continue
        text = source.joinpath(template).read_text(encoding="utf-8")
        path = folder / target
        write_atomically(path, text.replace("__NAME__", json.dumps(name)).encode())
        written.append(path)
    return written
