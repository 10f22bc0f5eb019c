"""A service that mounts the meter imports nothing else with it."""

from __future__ import annotations

import json
import subprocess
import sys


def imported(code: str) -> tuple[set[str], float]:
    """What a fresh interpreter has imported after some code, and how long that took."""
    program = f"""
import json, sys, time
began = time.perf_counter()
{code}
took = time.perf_counter() - began
print(json.dumps([sorted(sys.modules), took]))
"""
    command = [sys.executable, "-c", program]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    modules, took = json.loads(out)
    return set(modules), took


def test_the_standard_library_is_enough() -> None:
    modules, took = imported("import apportion.meter")
    before, _ = imported("")
    roots = {name.partition(".")[0] for name in modules - before}
    assert roots - sys.stdlib_module_names == {"apportion"}
    ours = {name for name in modules if name.startswith("apportion.")}
    assert {name.split(".")[1] for name in ours} == {"domain", "errors", "meter", "version"}
    assert "asyncio" not in modules
    assert took < 0.5


def test_grpc_is_imported_only_by_those_who_ask_for_it() -> None:
    modules, _ = imported("import apportion.meter.grpc_threads")
    assert "grpc" in modules
    assert "apportion.meter.grpc_asyncio" not in modules
