"""Columns of usage made at once rather than record by record, for sources with millions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apportion.domain.usage import ATTRIBUTES
from apportion.sources.usage.usage_rows import SCHEMA


def attributes(columns: Mapping[str, Any], rows: int) -> Any:
    """A column of attributes: of each row the columns that say something, in order of name."""
    names = sorted(columns)
    if not names or not rows:
        return pa.nulls(rows, SCHEMA[ATTRIBUTES])
    texts = [blank_is_null(columns[name]) for name in names]
    there = np.stack([pc.is_valid(one).to_numpy(zero_copy_only=False) for one in texts], axis=1)
    kept = there.ravel()
    order = np.arange(len(names) * rows, dtype=np.int64).reshape(len(names), rows).T.ravel()
    values = pa.concat_arrays(texts).take(pa.array(order[kept]))
    which = np.tile(np.arange(len(names), dtype=np.int32), rows)[kept]
    keys = pa.array(names, pa.string()).take(pa.array(which))
    offsets = np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int32)
    return pa.MapArray.from_arrays(pa.array(offsets), keys, values)


def blank_is_null(texts: Any) -> Any:
    """Texts, with null where there is nothing."""
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def joined(parts: Sequence[Any]) -> Any:
    """Texts put together by `/`, with nothing where a part is null."""
    return pc.binary_join_element_wise(*parts, "/", null_handling="replace", null_replacement="")


def places(mask: Any) -> list[int]:
    """Where a mask is true."""
    found: list[int] = pc.indices_nonzero(mask).to_pylist()
    return found
