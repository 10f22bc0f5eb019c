"""The files of a model: the YAML of the model folder, and the CSV lists that it names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from apportion.errors import ConfigurationError, Place
from apportion.model import marked_yaml as y
from apportion.model.faults import Faults
from apportion.model.names import Names
from apportion.model.project import Project
from apportion.model.resource_list import ResourceList, read_resource_list
from apportion.model.text_file import CsvFile, decode, parse_csv
from apportion.model.text_place import Sources


class ModelFiles:
    """Reads each file once, and keeps the digest of all that was read."""

    def __init__(self, project: Project, faults: Faults) -> None:
        self.project = project
        self.faults = faults
        self.sources = Sources()
        self.lists: dict[str, str] = {}
        self._bytes = dict(self._read())
        self.digests = {name: _sha256(data) for name, data in self._bytes.items()}
        self._csv: dict[Path, CsvFile | None] = {}
        self._resources: dict[Path, ResourceList | None] = {}

    def _found(self) -> list[tuple[str, Path]]:
        """The YAML files by path relative to the model folder, in the order of these paths."""
        folder = self.project.model_folder
        found = {
            path.relative_to(folder).as_posix(): path
            for suffix in ("yaml", "yml")
            for path in folder.rglob(f"*.{suffix}")
            if not any(part.startswith(".") for part in path.relative_to(folder).parts)
        }
        return sorted((name, path) for name, path in found.items() if path.is_file())

    def _read(self) -> Iterator[tuple[str, bytes]]:
        for name, path in self._found():
            try:
                yield name, path.read_bytes()
            except OSError as error:
                place = Place(self._shown(path))
                self.faults.add(place, f"{name} can't be read", why=str(error.strerror))

    def raise_unless_there(self) -> None:
        """A model folder that is absent, empty or unreadable is a fault of its own."""
        self.faults.raise_all()
        if self._bytes:
            return
        folder = self._shown(self.project.model_folder)
        raise ConfigurationError(
            f"there is no model in {folder}",
            place=Place(folder),
            hint="add organisation.yaml there, or run `apportion init DIR` for a starter",
        )

    def texts(self) -> Iterator[tuple[str, str]]:
        """Each YAML file by the name that faults show, and its text."""
        for name, data in self._bytes.items():
            shown = self._shown(self.project.model_folder / name)
            text = decode(data, Place(shown), self.faults)
            if text is not None:
                self.sources.texts[shown] = text
                yield shown, text

    def csv(self, node: y.Node) -> CsvFile | None:
        """The CSV file that a node names, relative to the model folder."""
        assert isinstance(node, y.Scalar)
        path = (self.project.model_folder / node.text).resolve()
        if path not in self._csv:
            self._csv[path] = self._read_csv(node, path)
        return self._csv[path]

    def resource_list(self, node: y.Node, teams: Names, pools: Names) -> ResourceList | None:
        """The resource list that a node names."""
        assert isinstance(node, y.Scalar)
        path = (self.project.model_folder / node.text).resolve()
        if path not in self._resources:
            found = self.csv(node)
            read = read_resource_list(found, teams, pools, self.faults) if found else None
            self._resources[path] = read
        return self._resources[path]

    def _read_csv(self, node: y.Scalar, path: Path) -> CsvFile | None:
        homes = (self.project.root, self.project.model_folder.resolve())
        if not any(path.is_relative_to(home) for home in homes):
            self.faults.add(
                node,
                f"{node.text!r} lies outside the project",
                why="a model must be whole in its folder, so that it can be versioned and moved",
                hint="copy the file beside the model",
            )
            return None
        try:
            data = path.read_bytes()
        except OSError as error:
            self.faults.add(
                node,
                f"{self._shown(path)} can't be read",
                why=str(error.strerror),
                hint="give a path relative to the model folder",
            )
            return None
        self.lists[node.text] = _sha256(data)
        text = decode(data, Place(self._shown(path)), self.faults)
        return parse_csv(text, self._shown(path), self.faults) if text is not None else None

    def _shown(self, path: Path) -> str:
        root = self.project.root
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
