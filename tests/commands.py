"""Command lines as processes of their own, and the rows of a small bill to run them on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bills import row

ROWS = [
    row("60.005", {"team": "nlp"}),
    row("30.003", {"team": "cv"}, ServiceName="Storage"),
    row("25.01", {"service": "platform"}),
    row("-5.5", {"team": "nlp"}, ChargeCategory="Credit"),
    row("9.99", {}),
]


def apportion(folder: Path, *arguments: str, expect: int = 0) -> Any:
    """Run a command as a process of its own; its JSON where it prints some."""
    done = subprocess.run(
        [sys.executable, "-m", "apportion", "--project", str(folder), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return json.loads(done.stdout) if "--json" in arguments else done.stdout + done.stderr
