"""Plain tags get the same canonical form in the engine as in Python."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apportion.load.workbench import Workbench
from apportion.sources.plain_tags import plain_tags
from apportion.sources.tags import canonical_tags
from apportion.store.relation import column, sql, table


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with Workbench(tmp_path_factory.mktemp("bench")) as opened:
        yield opened


def in_engine(bench: Workbench, texts: list[str]) -> list[str | None]:
    bench.connection.register("given", pa.table({"n": range(len(texts)), "x": texts}))
    query = sql(
        "SELECT _tags AS tags FROM _given AS g ORDER BY n",
        _tags=plain_tags(column("x")),
        _given=table("given"),
    )
    return [row["tags"] for row in bench.rows(query)]


letters = st.text(st.characters(codec="utf-8"), max_size=5) | st.sampled_from(
    [
        "a",
        "a ",
        "a!",
        "ab",
        'a"',
        "a\\",
        "é",
        "😀",
        "\x7f",
        "{",
        "}",
        ":",
        ",",
        '":"',
        "\n",
        "\u2028",
    ]
)
objects = st.lists(st.tuples(letters, letters | st.none() | st.booleans()), max_size=4)
forms = st.sampled_from([{}, {"indent": 2}, {"separators": (",", ":")}, {"ensure_ascii": False}])
broken = st.text(st.sampled_from('{}":, \\abn\n\f'), max_size=24)


def written(pairs: list[tuple[str, object]], form: dict[str, object]) -> str:
    """An object in one of several forms; a key that comes twice is written twice."""
    marked = {f"{n}|{key}": value for n, (key, value) in enumerate(pairs)}
    text = json.dumps(marked, **form)  # type: ignore[arg-type]
    for n in range(len(pairs)):
        text = text.replace(f'"{n}|', '"', 1)
    return text


@given(texts=st.lists(st.builds(written, objects, forms) | broken, min_size=1, max_size=40))
@example(texts=['{"b":"1","a":"2"}', '{"a":"1", "a ":"2", "a!":"3"}', '{"a":"1","a":"2"}'])
@example(texts=['{"a":"b"}{"c":"d"}', '{"a":"b",}', '{"a" "b"}', '{"a":"b" "c":"d"}', "{}", ""])
@settings(max_examples=150, deadline=None)
def test_what_the_engine_reads_python_reads_alike(bench: Workbench, texts: list[str]) -> None:
    for text, found in zip(texts, in_engine(bench, texts), strict=True):
        if found is not None:
            canonical = canonical_tags(text)
            assert (found, canonical.remarks) == (canonical.text, frozenset())


def test_ordinary_tags_are_plain(bench: Workbench) -> None:
    texts = ['{"team": "nlp", "env": "dev"}', ' { "a.b" : "it\'s" , "😀":"c d" } ']
    assert in_engine(bench, texts) == ['{"env":"dev","team":"nlp"}', '{"a.b":"it\'s","😀":"c d"}']
