"""An opened project: its model, books, lake and engine, each opened when it is first needed."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from apportion.errors import UsageError
from apportion.model.project import Model, Project

if TYPE_CHECKING:
    from apportion.run.workspace import Workspace
    from apportion.store.books import Books
    from apportion.store.engine import Engine
    from apportion.store.lake import Lake


class OpenProject:
    """A project folder at work. Close it, or use it in a ``with`` block.

    Reading a statement opens the books alone; the engine and the lake are
    opened by what needs them.

    Raises ConfigurationError, with the place, where apportion.yaml is wrong.
    """

    def __init__(self, folder: str | Path = ".") -> None:
        from apportion.model.read_project import read_project

        self.settings: Project = read_project(Path(folder))

    @cached_property
    def model(self) -> Model:
        """The allocation model; reading it raises ConfigurationError with every fault's place."""
        from apportion.model.read_model import read_model

        return read_model(self.settings)

    @cached_property
    def shadow_model(self) -> Model:
        """The shadow model that apportion.yaml names.

        Raises UsageError where it names none, ConfigurationError with every
        fault's place.
        """
        from apportion.model.read_model import read_model
        from apportion.run.other_model import of_folder

        shadow = self.settings.shadow
        if shadow is None:
            raise UsageError("the project has no shadow model", hint="set `shadow`")
        return read_model(of_folder(self.settings, shadow.folder))

    @cached_property
    def books(self) -> Books:
        from apportion.store.books import Books

        return Books.open(self.settings.books)

    @cached_property
    def lake(self) -> Lake:
        from apportion.store.lake import Lake

        return Lake(self.settings.lake)

    @cached_property
    def engine(self) -> Engine:
        from apportion.store.engine import open_engine

        return open_engine(self.settings.engine, address=self.settings.engine_address)

    @cached_property
    def workspace(self) -> Workspace:
        from apportion.run.workspace import Workspace

        return Workspace(self.settings, self.books, self.lake, self.engine)

    def reread_model(self) -> Model:
        """Read the model again after an edit; loaded charges stay as they are."""
        for name in ("model", "shadow_model"):
            self.__dict__.pop(name, None)
        return self.model

    def close(self) -> None:
        """Close what was opened."""
        for name in ("engine", "books"):
            opened = self.__dict__.pop(name, None)
            if opened is not None:
                opened.close()
        self.__dict__.pop("workspace", None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
