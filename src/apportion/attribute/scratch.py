"""Relations that one pass needs for itself, and forgets when it is done."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from sqlglot import exp

from apportion.store.engine import Engine

if TYPE_CHECKING:
    import pyarrow as pa


class Scratch:
    """Names relations after the one that a pass makes, and drops them at the end."""

    def __init__(self, engine: Engine, owner: str) -> None:
        self._engine = engine
        self._owner = owner
        self._made: list[str] = []

    def rows(self, name: str, data: pa.Table) -> str:
        """Register a small table; the name that it is known by."""
        full = self.name(name)
        self._engine.rows(full, data)
        return full

    def create(self, name: str, query: exp.Query) -> str:
        """Run a query now and keep its rows; the name that they are known by."""
        full = self.name(name)
        self._engine.create(full, query)
        return full

    def name(self, name: str) -> str:
        """The full name of a relation that is made elsewhere, and dropped with the others."""
        full = f"{self._owner}.{name}"
        self._made.append(full)
        return full

    def __enter__(self) -> Scratch:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._engine.drop(*self._made)
