"""The engines that the shared suite runs on: DuckDB, and Sail through Spark Connect."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from apportion.store.engine import Engine, open_engine

ENGINES = ("duckdb", "spark")


@pytest.fixture(scope="session")
def sail() -> Iterator[str]:
    """The address of a Sail server on loopback, on a port that the system chooses."""
    if not importlib.util.find_spec("pysail") or not importlib.util.find_spec("pyspark"):
        message = "the engine spark is not tested: pysail and pyspark-client aren't installed"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    _, port = server.listening_address
    yield f"sc://127.0.0.1:{port}"
    server.stop()


@pytest.fixture(scope="session", autouse=True)
def main_module_has_a_file() -> None:
    """A test worker's main module has none, and pyspark takes such a program for doctests."""
    main = sys.modules["__main__"]
    if not hasattr(main, "__file__"):
        main.__file__ = __file__


@pytest.fixture(scope="session")
def spark(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One session for all tests; it ends before the server does, or both would hang."""
    opened = open_engine("spark", address=sail, scratch=tmp_path_factory.mktemp("spark"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def duckdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    opened = open_engine("duckdb", scratch=tmp_path_factory.mktemp("duckdb"))
    yield opened
    opened.close()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    opened: Engine = request.getfixturevalue(request.param)
    return opened


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A folder whose name needs care: blanks, a quote, and letters beyond ASCII."""
    folder = tmp_path / "the lake's ünïcode 😀"
    folder.mkdir()
    return folder
