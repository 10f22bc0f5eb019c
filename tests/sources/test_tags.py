"""Tags become one canonical text, whatever their order, form and content."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apportion.sources import tags
from apportion.sources.tags import NO_TAGS, Remark, TagReader, canonical_tags

texts = st.text(st.characters(codec="utf-8"), max_size=12)
values = st.one_of(texts, st.none(), st.booleans(), st.integers())
tag_sets = st.dictionaries(texts, values, max_size=8)


@given(tags=tag_sets, seed=st.randoms())
def test_the_order_of_tags_does_not_matter(tags: dict[str, object], seed: object) -> None:
    shuffled = list(tags.items())
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    written = canonical_tags(json.dumps(dict(shuffled), indent=2))
    assert written == canonical_tags(json.dumps(tags, ensure_ascii=False))


@given(tags=st.dictionaries(texts, texts, max_size=8))
def test_canonical_text_is_stable_sorted_and_without_blanks(tags: dict[str, str]) -> None:
    text = canonical_tags(json.dumps(tags)).text
    assert canonical_tags(text).text == text
    read = json.loads(text)
    assert list(read) == sorted(read)
    assert text == json.dumps(read, ensure_ascii=False, separators=(",", ":"))


broken = st.text(st.sampled_from('{}":, \\abn1[]\n\x7f'), max_size=24)
objects = st.dictionaries(texts, values | st.dictionaries(texts, values, max_size=2), max_size=3)


@given(text=broken | objects.map(json.dumps) | objects.map(lambda o: json.dumps(o, indent=1)))
@example(text='{"a": "b", "a": "c"}')
@example(text='{"a": {"b": 1}}')
@settings(max_examples=500)
def test_the_quick_way_for_plain_tags_gives_what_the_thorough_way_gives(text: str) -> None:
    try:
        quick = tags._plain(text)
    except ValueError:
        return
    if quick is not None:
        pairs = tags._pairs(tags._DECODER.decode(text))
        assert quick == tags._canonical(pairs, null_is_absent=False)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ('{"env": true, "gone": null}', '{"env":"true","gone":""}'),
        ('{"n": 1.10, "big": 123456789012345678901234567890}', None),
        ('{"a": {"c": [1, "x"], "b": null}}', r'{"a":"{\"c\":[1,\"x\"],\"b\":null}"}'),
        ('[{"Key": "team", "Value": "nlp"}, {"key": "env"}]', '{"env":"","team":"nlp"}'),
        ('{"it\'s": "a \\"quote\\"", "a.b": "c", "😀": "ü"}', None),
        ("{}", "{}"),
        ("", "{}"),
        ("  ", "{}"),
    ],
)
def test_forms_of_tags(written: str, canonical: str | None) -> None:
    found = canonical_tags(written)
    assert not found.remarks
    if canonical is not None:
        assert found.text == canonical


def test_a_number_keeps_its_spelling() -> None:
    text = canonical_tags('{"n": 1.10, "big": 123456789012345678901234567890}').text
    assert json.loads(text) == {"big": "123456789012345678901234567890", "n": "1.10"}


def test_quotes_dots_and_emoji_survive() -> None:
    tags = {"it's": 'a "quote"', "a.b": "back\\slash", "😀": "ü\n"}
    assert json.loads(canonical_tags(json.dumps(tags)).text) == tags


@pytest.mark.parametrize(
    ("written", "remark"),
    [
        ('"team":"nlp","env":"dev"', Remark.BRACELESS),
        ("team=nlp", Remark.UNREADABLE),
        ("[1, 2]", Remark.UNREADABLE),
        ('"just a text"', Remark.BRACELESS),
        ('{"a": "b"', Remark.UNREADABLE),
        ("[" * 100_000, Remark.UNREADABLE),
        ('{"a":' * 100_000, Remark.UNREADABLE),
    ],
)
def test_what_is_not_json_gives_no_tags_and_a_remark(written: str, remark: Remark) -> None:
    found = canonical_tags(written)
    assert found.text == NO_TAGS
    assert set(found.remarks) == {remark}


def test_of_a_key_that_comes_twice_the_last_counts() -> None:
    found = canonical_tags('{"team": "nlp", "team": "cv"}')
    assert found.text == '{"team":"cv"}'
    assert set(found.remarks) == {Remark.DOUBLE}


def test_control_characters_and_half_surrogates_are_cleaned() -> None:
    found = canonical_tags(r'{"a\u0000b": "c\ud800d", "e": "\u0001"}')
    assert found.remarks == {Remark.CLEANED}
    assert json.loads(found.text) == {"a\ufffdb": "c\ufffdd", "e": "\ufffd"}


def test_a_monstrous_number_is_a_text() -> None:
    digits = "9" * 10_000
    assert json.loads(canonical_tags(f'{{"a": {digits}}}').text) == {"a": digits}
    nested = canonical_tags(f'{{"a": [{digits}, 1e999999, NaN]}}')
    assert not nested.remarks


def test_null_is_absent_in_a_record_with_one_field_for_each_tag() -> None:
    written = '{"team": "nlp", "env": null}'
    assert canonical_tags(written, null_is_absent=True).text == '{"team":"nlp"}'


def test_a_reader_remembers_what_is_odd() -> None:
    reader = TagReader()
    found = reader.read(pa.array(['{"b":1,"a":2}', "oops", '{"a":2,"b":1}'])).to_pylist()
    assert found == ['{"a":"2","b":"1"}', "{}", '{"a":"2","b":"1"}']
    assert reader.odd == {"oops": {Remark.UNREADABLE}}


def test_five_thousand_tags_are_read() -> None:
    tags = {f"key {n:05d}": f"value {n}" for n in range(5000)}
    shuffled = dict(sorted(tags.items(), key=lambda item: hash(item[0])))
    assert json.loads(canonical_tags(json.dumps(shuffled)).text) == tags
