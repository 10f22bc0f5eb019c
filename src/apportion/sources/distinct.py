"""Columns of texts read in Python, each distinct text once."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

Reads = Callable[[pa.Array | pa.ChunkedArray], pa.Array]


def reads_distinct(answer: Callable[[str], object], kind: pa.DataType) -> Reads:
    """A function over columns from one over texts; what it answers with None is NULL.

    >>> reads_distinct(len, pa.int64())(pa.array(["a", "bb", "a"])).to_pylist()
    [1, 2, 1]
    """

    def read(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
        whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
        coded = whole.dictionary_encode()
        return pa.array(map(answer, coded.dictionary.to_pylist()), kind).take(coded.indices)

    return read
