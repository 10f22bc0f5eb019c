"""Columns of texts that lie scattered in a buffer, without copying them together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

PADDING = b"\x00" * 16
"""What must follow the last text in a buffer."""

_INLINE = 12
"""Bytes that Arrow keeps in the view itself; of a longer text it keeps four, and the place."""

_FIRST = np.array([(1 << 8 * min(n, 8)) - 1 for n in range(_INLINE + 1)], np.uint64)
_REST = np.array([(1 << 8 * max(n - 8, 0)) - 1 for n in range(_INLINE + 1)], np.uint32)
"""For a text of n bytes: which bits of the first eight bytes, and of the next four, are its own."""


def text_views(
    buffer: bytes, places: npt.NDArray[np.int32], lengths: npt.NDArray[np.int32]
) -> pa.Array:
    """A column of the texts at `places`, NULL where a length is negative.

    >>> import numpy as np
    >>> text_views(b"abcd" + PADDING, np.array([1, 0], "i4"), np.array([2, -1], "i4")).to_pylist()
    ['bc', None]
    """
    there = lengths >= 0
    views = np.zeros((len(places), 4), np.uint32)
    sizes = np.where(there, lengths, 0)
    long = sizes > _INLINE
    own = np.where(long, _INLINE, sizes)
    first = _at(buffer, "<u8")[places] & _FIRST[own]
    rest = _at(buffer, "<u4")[places + 8] & _REST[own]
    views[:, 0] = sizes
    views[:, 1] = first & 0xFFFFFFFF
    views[:, 2] = np.where(long, 0, first >> 32)
    views[:, 3] = np.where(long, places, rest)
    valid = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
    buffers = [valid, pa.py_buffer(views), pa.py_buffer(buffer)]
    return pa.Array.from_buffers(pa.string_view(), len(places), buffers)


def _at(buffer: bytes, kind: str) -> npt.NDArray[np.uint64]:
    """The number that begins at each byte of a buffer."""
    size = np.dtype(kind).itemsize
    return np.ndarray((len(buffer) - size + 1,), kind, buffer, 0, (1,))
