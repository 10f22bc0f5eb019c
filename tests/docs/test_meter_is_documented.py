"""The reference names all of the meter, with the settings that there are."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import apportion.meter
from apportion.meter import Spool

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs/reference/python.md").read_text(encoding="utf-8")
PAGE = (ROOT / "docs/how-to/meter-a-shared-service.md").read_text(encoding="utf-8")


def test_every_name_is_in_the_reference() -> None:
    told = REFERENCE.split("## `apportion.meter`")[1]
    missing = [name for name in apportion.meter.__all__ if not re.search(rf"\b{name}\b", told)]
    assert missing == ["MeteredCall"]  # what this_call() gives


def test_settings_of_the_spool() -> None:
    told = REFERENCE.split("`Spool(")[1].split(")`")[0]
    settings = list(inspect.signature(Spool).parameters)
    assert re.findall(r"\w+", told) == settings
    assert [name for name in settings[2:] if f"`{name}`" not in PAGE] == []


def test_the_code_of_the_page_is_sound() -> None:
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        compile(code, "page", "exec")
        for module, names in re.findall(
            r"^from (apportion[\w.]*) import ([\w, ]+)", code, re.MULTILINE
        ):
            found = __import__(module, fromlist=["x"])
            assert all(hasattr(found, name.strip()) for name in names.split(","))
