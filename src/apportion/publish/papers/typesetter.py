"""What sets statements: the engine and our template, by version and digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

TEMPLATE = Path(__file__).with_name("statement.typ")


@cache
def typesetter() -> Mapping[str, str]:
    """With the same engine and template the same statement gives the same bytes."""
    try:
        engine = version("typst")
    except PackageNotFoundError:
        engine = ""
    return {"typst": engine, "template": hashlib.sha256(TEMPLATE.read_bytes()).hexdigest()}
