"""Outside judges of journals: programs that know nothing of us."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

XSD = Path(__file__).parent / "publish" / "erp" / "journal_entry.xsd"
COMMANDS = {
    "beancount": ("bean-check", "--no-cache"),
    "hledger": ("hledger", "check", "-s", "ordereddates", "payees", "-f"),
    "ledger": ("ledger", "--strict", "--pedantic", "balance", "-f"),
    "xml": ("xmllint", "--noout", "--schema", str(XSD)),
}
"""The strictest way of asking each."""


def accepts(judge: str, path: Path) -> bool:
    """Whether a judge has nothing to say against a file."""
    program, *arguments = COMMANDS[judge]
    done = subprocess.run(
        [_found(program), *arguments, str(path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode == 0


def _found(program: str) -> str:
    """The program beside Python or on the path; CI installs all of them, elsewhere it's a skip."""
    beside = Path(sys.executable).with_name(program)
    found = str(beside) if beside.exists() else shutil.which(program)
    if found is None:
        message = f"{program} isn't installed: nobody judges these journals"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found
