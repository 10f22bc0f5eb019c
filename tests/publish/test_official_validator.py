"""The FOCUS validator of the specification's authors, on what we write as 1.2.

It needs Python 3.12 and an environment of its own: `make validator` makes it
in .venv/validator. It exits with 0 on failures, so its lines are read.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from apportion.publish.export_focus import export_focus
from bills import row
from loads import OCTOBER, House, csv_text

ROOT = Path(__file__).parents[2]
VALIDATOR = ROOT / ".venv" / "validator" / "bin" / "focus-validator"

FALSE_FAILURES = {
    "BilledCost-C-005-C": "wants 0 wherever ProviderName and InvoiceIssuerName differ",
    "InvoiceId-C-005-C": "wants an invoice before the period is invoiced",
}
"""Rules that the validator gets wrong; what depends on them fails with them."""

needs_validator = pytest.mark.skipif(
    not VALIDATOR.exists(), reason="the FOCUS validator isn't there: make validator"
)

_FAILED = re.compile(r"❌ (\S+): FAIL +\(violations=\d+, msg=(?!.*failed child rules)")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.books.close()


def failures(path: Path) -> set[str]:
    """The rules that a file breaks by itself, not through another rule."""
    words = [str(VALIDATOR), "--data-file", str(path), "--validate-version", "1.2.0.1"]
    done = subprocess.run(
        [*words, "--block-download", "--focus-dataset", "CostAndUsage"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=_home(),
    )
    assert re.search(r"^Total: \d+ \| Pass: \d{2,}", done.stdout, re.MULTILINE), done.stderr[-2000:]
    return set(_FAILED.findall(done.stdout))


def _home() -> Path:
    """It reads a list of currencies relative to where it was installed."""
    (found,) = VALIDATOR.parents[1].glob("lib/python*/site-packages")
    return found


@needs_validator
def test_the_official_validator_finds_nothing_of_its_own(house: House) -> None:
    rows = [
        row("1.10", tags={"a": "1"}),
        row("-0.5", ChargeCategory="Credit", ResourceId="", ResourceName=""),
        row("3", ServiceName="Amazon Bedrock", ServiceCategory="AI and Machine Learning"),
    ]
    # It takes a column of whole numbers for one without texts, and without decimals.
    told_apart = {"BillingAccountId": "payer-1", "PricingQuantity": "1.5"}
    house.take(csv_text([{**one, **told_apart} for one in rows]))
    made = export_focus(
        house.books, house.lake, period=OCTOBER, version="1.2", path=house.root / "out.csv"
    )
    assert failures(made.path) - FALSE_FAILURES.keys() == set()


@needs_validator
def test_the_official_validator_sees_a_wrong_file(house: House) -> None:
    house.take(csv_text([row("1.10")]))
    made = export_focus(
        house.books, house.lake, period=OCTOBER, version="1.2", path=house.root / "out.csv"
    )
    made.path.write_text(made.path.read_text().replace(",Usage,", ",Nonsense,"))
    assert failures(made.path) - FALSE_FAILURES.keys()
