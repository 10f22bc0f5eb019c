"""A small project with books on either database, rates and a list: what a close has to freeze."""

from __future__ import annotations

from pathlib import Path

from small_projects import Small

SETTINGS = """
name: Small
currency: USD
sources:
  cloud: {{format: focus, path: bills}}
rates: rates.csv
locations: {{books: "{books}"}}
{more}
"""

RATES = "from,to,rate,type,period\nEUR,USD,{rate},month_average,2026-10\n"


class Lived(Small):
    """The project, with books at a URL and more settings."""

    def __init__(self, root: Path, books: str, more: str = "") -> None:
        super().__init__(root)
        text = SETTINGS.format(books=books, more=more)
        (root / "apportion.yaml").write_text(text)
        self.rate("1.1")

    def rate(self, rate: str) -> None:
        (self.root / "rates.csv").write_text(RATES.format(rate=rate))
