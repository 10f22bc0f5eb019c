"""Whether lines are JSON, asked of the engine, which says so many times faster than we could.

It lets some things pass that aren't: `json_marks` has told lines with those before.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from apportion.load.json_chunks import Chunk
from apportion.load.json_marks import Truths


class JsonJudge:
    """Judges the lines of chunks, for one thread at a time."""

    def __init__(self) -> None:
        config: dict[str, str | bool | int | float | list[str]]
        config = {"threads": 1, "python_enable_replacements": False}
        self._engine = duckdb.connect(config=config)

    def broken(self, chunk: Chunk) -> Truths:
        """Which lines are no JSON; the chunk must be UTF-8."""
        self._engine.register("lines", pa.table({"line": _lines(chunk)}))
        judged = self._engine.sql("SELECT NOT json_valid(l.line) AS broken FROM lines AS l")
        found: Truths = np.asarray(judged.fetchnumpy()["broken"], np.bool_)
        return found


def _lines(chunk: Chunk) -> pa.Array:
    """The lines as a column, without copying them."""
    offsets = np.concatenate((np.zeros(1, np.int32), (chunk.ends + 1).astype(np.int32)))
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(chunk.data)]
    return pa.Array.from_buffers(pa.string(), len(chunk.ends), buffers)
