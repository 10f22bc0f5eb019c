"""Tables that come ready-made: one YAML file each in the folder `tables`, in the form users write.

A file holds one table or a list of them, for providers that give several views
of the same cost; a bill is read by the first whose `needs` it has.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from apportion.model import marked_yaml as y
from apportion.model.faults import Faults
from apportion.model.project import SourceSpec
from apportion.model.read_table import TableReader
from apportion.model.shape import Either, Items
from apportion.model.table import READY, TableSpec
from apportion.model.table_forms import READY_FORM
from apportion.model.text_place import Sources

_SHAPE = Either(items=Items(READY_FORM), mapping=READY_FORM, expected="a table or a list of tables")


def tables_of(spec: SourceSpec) -> tuple[TableSpec, ...]:
    """The tables of a source: its own, or the ready-made ones of its format, or none."""
    if spec.table is not None:
        return (spec.table,)
    return ready_tables(spec.format) if spec.format in READY else ()


def roads_of(spec: SourceSpec) -> frozenset[str]:
    """The ways in which the provider of a source tells one and the same cost."""
    return frozenset(table.road for table in tables_of(spec) if table.road)


@lru_cache
def ready_tables(name: str) -> tuple[TableSpec, ...]:
    """The ready-made tables of a provider; raises ConfigurationError for a file that is wrong."""
    file = f"{name}.yaml"
    text = (files("apportion.sources") / "tables" / file).read_text(encoding="utf-8")
    faults = Faults()
    node = y.parse_yaml(text, file, faults)
    tables: list[TableSpec | None] = []
    if node is not None and _SHAPE.check(node, faults):
        reader = TableReader(Sources({file: text}), faults)
        several = node.items if isinstance(node, y.Sequence) else [node]
        tables = [reader.table(one) for one in several if isinstance(one, y.Mapping)]
    faults.raise_all()
    return tuple(table for table in tables if table)
