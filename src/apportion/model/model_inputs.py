"""All files that decide on a run besides bills and usage: settings, model, lists, rates."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from apportion.model import marked_yaml as y
from apportion.model.cache import cached_lists
from apportion.model.faults import Faults
from apportion.model.model_files import ModelFiles
from apportion.model.project import Project
from apportion.model.read_model import lists_of
from apportion.model.read_project import FILE

SETTINGS, MODEL, LIST, RATES, CONTROL = "settings", "model", "list", "rates", "control"


def input_files(project: Project) -> Iterator[tuple[str, str, Path]]:
    """Role, name and path of each file; names are relative to the project, or to the model.

    Raises ConfigurationError where the model can't be read.
    """
    root = project.root
    yield SETTINGS, FILE, root / FILE
    files = ModelFiles(project, Faults())
    for name in files.digests:
        yield MODEL, name, project.model_folder / name
    named = cached_lists(project, files.digests)
    for name in lists_of(project) if named is None else named:
        yield LIST, name, project.model_folder / name
    if project.rates and project.rates.file:
        yield RATES, project.rates.file, root / project.rates.file
    for name in _controls(root):
        yield CONTROL, name, root / Path(name).expanduser()


def _controls(root: Path) -> Iterator[str]:
    """The files of control totals that sources name."""
    node = y.parse_yaml((root / FILE).read_text("utf-8-sig"), FILE, Faults())
    sources = node.entries.get("sources") if isinstance(node, y.Mapping) else None
    named: dict[str, None] = {}
    for source in sources.entries.values() if isinstance(sources, y.Mapping) else ():
        control = source.entries.get("control") if isinstance(source, y.Mapping) else None
        if isinstance(control, y.Scalar):
            named[control.text] = None
    yield from named


def model_place(project: Project) -> str:
    """Where the model folder lies in the project; empty where it lies outside."""
    inside = project.model_folder.is_relative_to(project.root)
    return Path(os.path.relpath(project.model_folder, project.root)).as_posix() if inside else ""
