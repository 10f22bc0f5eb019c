"""Resource tags and cost categories as one JSON object, under the keys that people gave them.

A tag comes as a column of its own (``resourceTags/user:team``, in Athena
``resource_tags_user_team``) or in a map (``resource_tags``, the newer
``tags``), whose keys begin with ``user_`` or ``aws_``. Here the user's tags are
called what the user called them, and those of AWS begin with ``aws:``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from sqlglot import exp

from apportion.sources.aws.native import NativeColumns
from apportion.sources.expression import expression
from apportion.store.relation import text as literal

_TAG_COLUMN = re.compile(r"(?:resourceTags/|resource_tags_)(?P<key>.+)")
_CATEGORY_COLUMN = re.compile(r"(?:costCategory/|cost_category_)(?P<key>.+)")
_OWNER = re.compile(r"(user|aws)[:_](.+)")

# A key of a flat object: its quote follows a brace or a comma that no text can end before.
_KEY_OF = r'([{{,]\s*)"{owner}[:_]((?:[^"\\]|\\.)*)"(\s*:)'


def tags(native: NativeColumns) -> exp.Expr:
    """All tags of a row as the text of a JSON object, NULL when it has none."""
    maps = [_renamed(native.text(name)) for name in ("resource_tags", "tags") if native.has(name)]
    columns = {tag_key(key): name for key, name in _columns(native, _TAG_COLUMN)}
    return _object([*map(_inside, maps), *_pairs(native, columns)])


def tag_key(written: str) -> str:
    """The key of a tag as its owner wrote it.

    >>> [tag_key(key) for key in ("user:team", "aws:createdBy", "user_team", "aws_created_by")]
    ['team', 'aws:createdBy', 'team', 'aws:created_by']
    """
    found = _OWNER.fullmatch(written)
    if not found:
        return written
    return found[2] if found[1] == "user" else f"aws:{found[2]}"


def cost_categories(native: NativeColumns) -> exp.Expr:
    """All cost categories of a row as the text of a JSON object, NULL when it has none."""
    maps = [native.text("cost_category")] if native.has("cost_category") else []
    columns = dict(_columns(native, _CATEGORY_COLUMN))
    return _object([*map(_inside, maps), *_pairs(native, columns)])


def _columns(native: NativeColumns, form: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Columns of a form, each with the key that stands in its name."""
    for name, written in native.spelt.items():
        if found := form.fullmatch(written):
            yield found["key"], name


def member(native: NativeColumns, name: str, key: str) -> exp.Expr:
    """One value of a map; NULL when the file has no such map, or it can't be read."""
    if not native.has(name):
        return exp.cast(exp.null(), exp.DataType.Type.VARCHAR)
    return expression(
        "SELECT CASE WHEN json_valid(_json) THEN nullif(json_extract_string(_json, _path), '') END",
        _json=native.text(name),
        _path=literal(f'$."{key}"'),
    )


def _renamed(json_text: exp.Expr) -> exp.Expr:
    for owner, key in (("user", ""), ("aws", "aws:")):
        json_text = expression(
            "SELECT regexp_replace(_json, _key, _new, 'g')",
            _json=json_text,
            _key=literal(_KEY_OF.format(owner=owner)),
            _new=literal(f'\\1"{key}\\2"\\3'),
        )
    return json_text


def _inside(json_text: exp.Expr) -> exp.Expr:
    """What stands between the braces of an object, NULL when that is nothing."""
    return expression(
        "SELECT nullif(trim(substr(trim(_json), 2, length(trim(_json)) - 2)), '')", _json=json_text
    )


def _pairs(native: NativeColumns, columns: dict[str, str]) -> list[exp.Expr]:
    return [
        expression(
            "SELECT _key || CAST(to_json(_value) AS VARCHAR)",
            _key=literal(json.dumps(key, ensure_ascii=False) + ":"),
            _value=native.as_written(name),
        )
        for key, name in sorted(columns.items())
    ]


def _object(pairs: list[exp.Expr]) -> exp.Expr:
    if not pairs:
        return exp.cast(exp.null(), exp.DataType.Type.VARCHAR)
    joined = exp.Anonymous(this="concat_ws", expressions=[literal(","), *pairs])
    return expression("SELECT '{' || nullif(_joined, '') || '}'", _joined=joined)
