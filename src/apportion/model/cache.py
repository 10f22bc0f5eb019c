"""A model that was read before, kept until any of its files changes. Safe to delete at any time.

The cache is bound to this version of the program and of what it is read by;
anything else, a damaged file included, means reading anew. Unpickling admits
the model's own value types only, so that a cache that came with a copied
folder can't run code.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import io
import json
import os
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apportion.model.pools import Split
from apportion.model.project import Model, Project
from apportion.model.rules import Condition
from apportion.model.text_file import write_atomically
from apportion.version import __version__

if TYPE_CHECKING:
    from sqlglot import exp

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
        data = _path(project).read_bytes()
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
        with collector_paused():
            found = _Reader(io.BytesIO(body)).load()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, EOFError,
            pickle.UnpicklingError, IndexError, RecursionError):  # fmt: skip
        return None
    return found if isinstance(found, Model) else None


def cached_lists(project: Project, files: Inputs) -> tuple[str, ...] | None:
    """The CSV lists that the model names, as far as the cache knows; None where it doesn't."""
    try:
        head = json.loads(_path(project).read_bytes().partition(b"\n")[0])
    except (OSError, ValueError):
        return None
    if not isinstance(head, dict) or head.get("key") != _key(project):
        return None
    return tuple(sorted(head["lists"])) if head.get("files") == dict(files) else None


@contextmanager
def collector_paused() -> Iterator[None]:
    """Hold the garbage collector, which would walk a growing model over and over."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def keep(project: Project, files: Inputs, lists: Inputs, model: Model) -> None:
    """Keep a model for the next reading. A folder that can't be written is no fault."""
    try:
        body = _pickled(model)
    except RecursionError:
        return
    head = {
        "key": _key(project),
        "files": dict(files),
        "lists": dict(lists),
        "body": hashlib.sha256(body).hexdigest(),
    }
    try:
        write_atomically(_path(project), json.dumps(head).encode() + b"\n" + body, sync=False)
    except OSError:
        return


def _path(project: Project) -> Path:
    """Models that are compared lie side by side in a project; each has a file of its own."""
    name = os.path.relpath(project.model_folder, project.root)
    beside = "" if name == FILE else f"-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return project.root / FOLDER / f"{FILE}{beside}"


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _key(project: Project) -> str:
    return json.dumps([_program(), project.currency, sorted(project.usage)])


@lru_cache
def _program() -> str:
    """All that decides how a model is read: versions, and the very files of this room."""
    from importlib.metadata import version

    here = sorted(Path(__file__).parent.rglob("*.py"))
    stamps = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in here]
    parts = (FORMAT, __version__, version("sqlglot"), sys.version_info[:2], stamps)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


_PLAIN = {(kind.__module__, kind.__qualname__): kind for kind in (date, Decimal, Fraction)}
_ROOMS = ("apportion.model.", "apportion.domain.")


def _pickled(model: Model) -> bytes:
    """A model as bytes. Nodes of conditions are written by name, to be made again by this room."""
    written = io.BytesIO()
    pickler = pickle.Pickler(written, protocol=5)
    table: dict[type, Any] = dict.fromkeys(_node_kinds(model), _by_name)
    pickler.dispatch_table = table
    pickler.dump(model)
    return written.getvalue()


def _node_kinds(model: Model) -> set[type]:
    conditions = [
        *(rule.condition for rule in model.rules),
        *(pool.condition for pool in model.pools if pool.condition is not None),
        *(rule.condition for rule in model.stack),
        *(policy.condition for policy in model.policies if policy.condition is not None),
        *(one for pool in model.pools for split in pool.splits for one in _of_terms(split.value)),
    ]
    trees = (condition.where for condition in conditions if condition.where is not None)
    return {type(node) for tree in trees for node in tree.walk()}


def _of_terms(split: Split) -> Iterator[Condition]:
    for one in split.nested:
        yield from one.terms.conditions if one.terms else ()


def _by_name(node: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    return condition_node, (type(node).__name__, node.args)


def condition_node(name: str, arguments: dict[str, object]) -> exp.Expression:
    """A node of a condition by the name of its kind; raises UnpicklingError for anything else."""
    from sqlglot import exp

    kind = getattr(exp, name, None)
    if not (isinstance(kind, type) and issubclass(kind, exp.Expression)):
        raise pickle.UnpicklingError(f"{name} is no node of a condition")
    return kind(**arguments)


class _Reader(pickle.Unpickler):
    """Admits value types of the model, and nodes of conditions; nothing that acts."""

    def find_class(self, module: str, name: str) -> object:
        if kind := _PLAIN.get((module, name)):
            return kind
        if (module, name) == (__name__, condition_node.__name__):
            return condition_node
        if module.startswith(_ROOMS) or module == "apportion.errors":
            found = getattr(importlib.import_module(module), name)
            if isinstance(found, type) and (is_dataclass(found) or issubclass(found, Enum)):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no value of a model")
