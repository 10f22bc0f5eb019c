"""JSON lines split by comparison give what the parser gives for each, whatever they hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apportion.load import json_chunks
from apportion.load.json_chunks import Chunk, chunks
from apportion.load.json_judge import JsonJudge
from apportion.load.json_rows import read_line
from apportion.load.json_split import KeyAppears, Seen, Splitter
from apportion.load.sift import Misfit
from apportion.load.text_views import PADDING
from apportion.sources.json_lines import Record

NUMBERS = [
    "1234567890123456789012345.1234567890123456789012345",
    "0.1234567890123456789012345",
    "1234567890123456789012345",
    "1e-7",
    "-1.50E+02",
    "-0",
    "-0.0",
    "0.1000",
    "1e400",
    "100000000000000000000",
]
"""Spellings that a binary float would lose."""


JUDGE = JsonJudge()


def split(lines: Sequence[bytes], *, twice: bool = False) -> tuple[list[Record], list[Misfit]]:
    """The rows of lines without their nulls, and what are none."""
    chunk = Chunk(b"".join(lines) + PADDING, 1, 0)
    seen, splitter = Seen(), Splitter(JUDGE)
    splitter.look(chunk, seen)
    if not twice:
        splitter = Splitter(JUDGE)
    found = splitter.split(chunk, {key: number for number, key in enumerate(seen.keys)})
    assert found.rows == seen.rows
    columns = [column.to_pylist() for column in found.columns[:-1]]
    rows = [
        {key: text for key, text in zip(seen.keys, row, strict=True) if text is not None}
        for row in zip(*columns, strict=True)
    ]
    return rows or [{}] * found.rows, sorted(found.misfits, key=lambda one: one.line)


def parse(lines: Sequence[bytes]) -> tuple[list[Record], list[Misfit], list[str]]:
    """The same by the parser, and the keys in the order that they come."""
    read = [read_line(number, line) for number, line in enumerate(lines, start=1)]
    records = [one for one in read if one is not None and not isinstance(one, Misfit)]
    rows: list[Record] = [
        {key: text for key, text in one.items() if text is not None} for one in records
    ]
    keys = list(dict.fromkeys(key for one in records for key in one))
    return rows, [one for one in read if isinstance(one, Misfit)], keys


def agree(lines: Sequence[bytes]) -> None:
    rows, misfits, keys = parse(lines)
    for twice in (False, True):
        assert split(lines, twice=twice) == (rows, misfits)
    seen = Seen()
    Splitter(JUDGE).look(Chunk(b"".join(lines) + PADDING, 1, 0), seen)
    assert list(seen.keys) == keys


keys = st.sampled_from(["a", "b", "cost", "cost_at_list", "labels", "a key", "ä", ""])
texts = st.sampled_from(
    ["", "x", "a longer text than twelve", ', "b": 1', "}{", "],[", '"', "\\", "\u00e9", "n", "NaN"]
) | st.text(max_size=5)
scalars = (
    texts.map(json.dumps)
    | texts.map(lambda text: json.dumps(text, ensure_ascii=False))
    | st.sampled_from([*NUMBERS, "null", "true", "false", "nan", "NaN", "Infinity", "01", "nul"])
    | st.integers().map(str)
)
blanks = st.sampled_from(["", "", "", " ", "\t", "\r"])


@st.composite
def nested(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    blank, comma = draw(blanks), draw(st.sampled_from([",", ", ", ",,", ",\t"]))
    tail = draw(st.sampled_from(["", "", "", ",", ", "]))
    if draw(st.booleans()):
        return f"[{blank}{comma.join(draw(st.lists(inner, max_size=3)))}{tail}]"
    pairs = draw(st.lists(st.tuples(keys, inner), max_size=3))
    return "{" + comma.join(f"{json.dumps(key)}:{blank}{one}" for key, one in pairs) + tail + "}"


values = st.recursive(scalars, nested, max_leaves=5)
usual = st.sampled_from([("a", "cost"), ("cost", "a"), ("a", "b", "labels"), ("cost",)])
orders = usual | st.lists(keys, max_size=4).map(tuple)


@st.composite
def line(draw: st.DrawFn) -> bytes:
    """A line that is an object of a bill, or nearly."""
    colon, comma = draw(st.sampled_from([(":", ","), (":", ","), (": ", ", "), (" :", ",\t")]))
    pairs = [f"{json.dumps(key)}{colon}{draw(values)}" for key in draw(orders)]
    text = "{" + comma.join(pairs) + "}"
    raw = bytearray(text.encode("utf-8", "surrogatepass"))
    if draw(st.integers(0, 4)) == 0:
        at = draw(st.integers(0, len(raw)))
        raw[at : at + draw(st.integers(0, 3))] = draw(
            st.sampled_from([b"", b'"', b"\\", b"{", b"}", b"]", b",", b"\xff", b"\x00", b" "])
        )
    end = draw(st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b" \n", b"x\n", b"\n\n"]))
    return bytes(raw.replace(b"\n", b"")) + end


@settings(max_examples=200, deadline=None)
@given(st.lists(line(), min_size=1, max_size=12))
def test_comparing_gives_what_parsing_gives(lines: list[bytes]) -> None:
    agree(of_file(lines))


def of_file(lines: list[bytes]) -> list[bytes]:
    """The lines that a file has which is written so."""
    return [one + b"\n" for one in b"".join(lines).split(b"\n")[:-1]]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=30), max_size=6))
def test_any_bytes_at_all(lines: list[bytes]) -> None:
    agree(of_file([one + b"\n" for one in (b'{"a":1,"b":"x"}', *lines, b'{"a":1,"b":"x"}')]))


@pytest.mark.parametrize("spelling", NUMBERS)
def test_numbers_keep_their_spelling_wherever_they_stand(spelling: str) -> None:
    """At the top, in a record and in a list; also where most lines are alike."""
    form = '{{"cost":{0},"usage":{{"amount": {0}}},"credits":[{{"amount":{0}}},{0}],"n":"{0}"}}\n'
    lines = [form.format(one).encode() for one in ("1", spelling, "2")]
    agree(lines)
    rows, misfits = split(lines)
    assert not misfits
    assert rows[1]["cost"] == rows[1]["n"] == spelling
    assert rows[1]["usage"] == f'{{"amount": {spelling}}}'
    assert rows[1]["credits"] == f'[{{"amount":{spelling}}},{spelling}]'


@pytest.mark.parametrize(
    "broken",
    [
        '{"a":tru,"b":1}',
        '{"a":1,"b":[1,]}',
        '{"a":[1, 2 , ],"b":1}',
        '{"a":NaN,"b":1}',
        '{"a":1,"b":{"c":-Infinity}}',
        '{"a":1,"b":01}',
        '{"a":1,"b":"x}',
        '{"a":1,"b":"x"y"}',
        '{"a":1,"b":{"c":1]}',
        '{"a":1,"b":"\x01"}',
        '{"a":1,"b":2',
        '{"a":1,"b":2}}',
        '{"a":1,"a":2}',
        '["a",1]',
        "x",
    ],
)
def test_a_broken_line_is_told_by_its_number_and_costs_no_other(broken: str) -> None:
    good = b'{"a":1,"b":"text"}\n'
    lines = [good, b"\n", good, broken.encode() + b"\n", good, b"  \n", good]
    agree(lines)
    rows, (misfit,) = split(lines)
    assert (len(rows), misfit.line, misfit.text) == (4, 4, broken)


def test_a_key_that_was_not_told_is_not_dropped() -> None:
    chunk = Chunk(b'{"a":1,"b":2}\n{"a":1,"c":2}\n' + PADDING, 1, 0)
    with pytest.raises(KeyAppears, match="c"):
        Splitter(None).split(chunk, {"a": 0, "b": 1})


@given(lengths=st.lists(st.integers(0, 40), max_size=30), size=st.integers(1, 60))
def test_chunks_are_the_lines_of_the_file(
    lengths: list[int], size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever their sizes; one that is too long is cut, but stays too long for a row."""
    path = tmp_path_factory.mktemp("chunks") / "lines"
    lines = [bytes(str(n % 10) * length, "ascii") for n, length in enumerate(lengths)]
    path.write_bytes(b"\xef\xbb\xbf" + b"\n".join(lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_chunks, "_BYTES", max(size, 3))
        patch.setattr(json_chunks, "LONGEST_ROW", 20)
        found = [(n, one) for c in chunks(path) for n, one in enumerate(c.lines(), c.number)]
    assert [n for n, _ in found] == list(range(1, len(found) + 1))
    whole = [one for one in lines if one] and lines[: -1 if lines and not lines[-1] else None]
    for (_, raw), line in zip(found, whole, strict=bool(whole)):
        if len(line) < 20:
            assert raw == line + b"\n"
        else:
            assert len(raw) > 20
            assert line.startswith(raw[:20])


def test_parts_of_a_chunk_are_its_lines() -> None:
    chunk = Chunk(b"one\ntwo\nthree\n" + PADDING, 5, 100)
    parts = list(chunk.parts(2))
    assert [(part.number, list(part.lines())) for part in parts] == [
        (5, [b"one\n", b"two\n"]),
        (7, [b"three\n"]),
    ]


def test_samples_are_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"".join(b"line %03d\n" % n for n in range(500)))
    found = list(json_chunks.samples(path, 4, 100))
    assert len(found) == 4
    assert all(len(one) == 9 for part in found for one in part.lines())
