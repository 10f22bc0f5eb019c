"""The other model of a comparison: a folder, or the project's model at a commit of git."""

from __future__ import annotations

import re
import subprocess
import tarfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from apportion.errors import UsageError
from apportion.model.project import Model, Project
from apportion.model.read_model import read_model
from apportion.model.read_project import FILE, read_project

_REF = re.compile(r"[\w@][\w./@{}~^+-]*")
_GIT_SECONDS = 120


def read_other_model(project: Project, named: str) -> Model:
    """A model by the folder that holds it (or a project that does), or by a git ref.

    A folder, relative to where the command runs or to the project, wins over a
    ref of the same name. Raises UsageError where there is neither,
    ConfigurationError where the model is wrong.
    """
    for base in (Path(), project.root):
        folder = (base / Path(named).expanduser()).resolve()
        if folder.is_dir():
            return read_model(of_folder(project, folder))
    return _at_ref(project, named)


def of_folder(project: Project, folder: Path) -> Project:
    """The project with the model of another folder; what isn't model stays as it is."""
    if (folder / FILE).is_file():
        other = read_project(folder)
        return replace(project, root=other.root, model_folder=other.model_folder)
    inside = folder.is_relative_to(project.root)
    return replace(project, root=project.root if inside else folder, model_folder=folder)


def _at_ref(project: Project, ref: str) -> Model:
    if not _REF.fullmatch(ref) or ".." in ref:
        raise UsageError(
            f"{ref!r} is no folder, and no name of a commit",
            hint="give a folder with a model, or a branch, tag or commit such as origin/main",
        )
    inside = project.model_folder.resolve()
    if not inside.is_relative_to(project.root):
        raise UsageError(
            "the model folder lies outside the project",
            why="git is asked for the model within the project's repository",
            hint="give a folder instead of a ref",
        )
    top = Path(_git(project.root, "rev-parse", "--show-toplevel").decode().rstrip("\n"))
    commit = _git(project.root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}", ref=ref)
    path = inside.relative_to(top.resolve()).as_posix()
    home = project.root.relative_to(top.resolve())
    with TemporaryDirectory(prefix="apportion-") as made:
        into = Path(made).resolve()
        _extract(top, commit.decode().strip(), path, into, ref)
        if any("../" in _text(file) for file in (into / path).rglob("*.y*ml")):
            _extract(top, commit.decode().strip(), home.as_posix(), into, ref)
        return read_model(replace(project, root=into / home, model_folder=into / path))


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def _extract(top: Path, commit: str, path: str, into: Path, ref: str) -> None:
    """Write a folder as it was at a commit."""
    packed = _git(top, "archive", "--format=tar", commit, "--", path, ref=ref)
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(into, filter="data")


def _git(folder: Path, *words: str, ref: str = "") -> bytes:
    """What git says. A list of words, never a shell; a ref can't begin with a dash."""
    command = ["git", "-C", str(folder), *words]
    try:
        done = subprocess.run(  # noqa: S603 - the words are ours, and a ref is checked
            command, capture_output=True, check=False, timeout=_GIT_SECONDS
        )
    except FileNotFoundError:
        raise UsageError(
            f"{ref or folder} can't be looked up: git isn't installed",
            hint="install git, or give a folder with the other model",
        ) from None
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode(errors="replace").strip()
    if words[:2] == ("rev-parse", "--verify"):
        raise UsageError(
            f"{ref!r} is no folder, and git knows no commit of that name",
            why=said,
            hint="a folder with a model, or a branch, tag or commit; in CI, fetch it first: "
            "`git fetch origin main`",
        )
    raise UsageError(
        f"git has no model at {ref}" if ref else f"git can't tell of {folder}",
        why=said,
        hint="the project must lie in a git repository, and its model where it lies now; "
        "or give a folder",
    )
