"""What a benchmark run is asked to measure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """`sizes` are numbers of rows. `peer_limit` is the largest size that slow peers are given."""

    sizes: tuple[int, ...] = (100_000, 1_000_000, 10_000_000)
    peer_limit: int = 1_000_000
    keys_rows: int = 1_000_000
    five_gigabytes: int = 6_300_000
    """Rows of a report of AWS that take as much."""
    keys_in_a_month: int = 50_000
    months: int = 12

    def times(self, rows: int) -> int:
        """How often a short measurement is repeated, for its median."""
        return 3 if rows <= 1_000_000 else 1

    def widths(self, rows: int) -> tuple[str, ...]:
        """A hundred million rows of full width would be 78 GB of CSV: those stay narrow."""
        return ("seven", "full") if rows <= 10_000_000 else ("seven",)

    @property
    def largest(self) -> int:
        return max(self.sizes)

    @property
    def million(self) -> int:
        """The size that the bounds speak of: a million rows, or the nearest that is measured."""
        return min(self.sizes, key=lambda rows: abs(rows - 1_000_000))


QUICK = Settings(
    sizes=(10_000, 100_000),
    peer_limit=10_000,
    keys_rows=50_000,
    five_gigabytes=200_000,
    keys_in_a_month=2_000,
    months=3,
)
