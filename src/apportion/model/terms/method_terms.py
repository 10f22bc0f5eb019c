"""What a method of splitting reads from the model besides the receivers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apportion.model import marked_yaml as y
from apportion.model.pools import Terms
from apportion.model.shape import Key

if TYPE_CHECKING:
    from apportion.model.read_pools import PoolReading

Read = Callable[[y.Mapping, "PoolReading"], Terms | None]


@dataclass(frozen=True)
class MethodTerms:
    """The keys of a split that a method reads, and how it reads them.

    `also` are keys of other methods that it reads too. `keys` have been checked by
    their shapes when `read` is called; it reports what is wrong among them, and gives
    None where nothing can be made of them.
    """

    keys: Mapping[str, Key]
    needed: tuple[str, ...]
    read: Read
    also: tuple[str, ...] = ()
