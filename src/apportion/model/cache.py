"""A model that was read before, kept until any of its files changes. Safe to delete at any time.

The cache is bound to this version of the program and of what it is read by;
anything else, a damaged file included, means reading anew. Unpickling admits
the model's own value types only, so that a cache that came with a copied
folder can't run code.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import pickle
import sys
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import apportion
from apportion.model.project import Model, Project
from apportion.model.text_file import write_atomically

FOLDER = ".apportion/cache"
FILE = "model"
FORMAT = 1

Inputs = Mapping[str, str]
"""Files of a model by path, relative to the model folder, with the sha256 of their content."""


def load_cached(project: Project, files: Inputs) -> Model | None:
    """The model as it was read before from the same files; None where anything differs.

    `files` are the model's YAML files as they are now. The CSV files that they
    named are compared as well.
    """
    try:
        data = (project.root / FOLDER / FILE).read_bytes()
        head, _, body = data.partition(b"\n")
        kept = json.loads(head)
        if kept["key"] != _key(project) or kept["files"] != dict(files):
            return None
        if any(
            sha256_of(project.model_folder / name) != had for name, had in kept["lists"].items()
        ):
            return None
        if hashlib.sha256(body).hexdigest() != kept["body"]:
            return None
        found = _Reader(io.BytesIO(body)).load()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, EOFError,
            pickle.UnpicklingError, IndexError, RecursionError):  # fmt: skip
        return None
    return found if isinstance(found, Model) else None


def keep(project: Project, files: Inputs, lists: Inputs, model: Model) -> None:
    """Keep a model beside the files that it was read from. A folder that can't be written is fine."""
    try:
        body = pickle.dumps(model, protocol=5)
    except RecursionError:
        return
    head = {
        "key": _key(project),
        "files": dict(files),
        "lists": dict(lists),
        "body": hashlib.sha256(body).hexdigest(),
    }
    try:
        write_atomically(
            project.root / FOLDER / FILE, json.dumps(head).encode() + b"\n" + body, sync=False
        )
    except OSError:
        return


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _key(project: Project) -> str:
    return json.dumps([_program(), project.currency])


@lru_cache
def _program() -> str:
    """All that decides how a model is read: versions, and the very files of this room."""
    from importlib.metadata import version

    here = sorted(Path(__file__).parent.glob("*.py"))
    stamps = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in here]
    parts = (FORMAT, apportion.__version__, version("sqlglot"), sys.version_info[:2], stamps)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


_PLAIN = {(kind.__module__, kind.__qualname__): kind for kind in (date, Decimal, Fraction)}


class _Reader(pickle.Unpickler):
    """Admits value types of the model, and nodes of conditions; nothing that acts."""

    def find_class(self, module: str, name: str) -> object:
        if kind := _PLAIN.get((module, name)):
            return kind
        if (
            module.startswith(("apportion.model.", "apportion.domain."))
            or module == "apportion.errors"
        ):
            found = getattr(importlib.import_module(module), name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        if module.startswith("sqlglot.expressions"):
            from sqlglot import exp

            found = getattr(importlib.import_module(module), name)
            if isinstance(found, type) and issubclass(found, (exp.Expression, exp.DataType.Type)):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no value of a model")
