"""Set statements as PDF: PDF/A-3a and PDF/UA-1 in one, with their evidence attached."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Literal

from apportion.errors import PaperError
from apportion.publish.papers.evidence import Evidence
from apportion.publish.papers.typesetter import TEMPLATE

if TYPE_CHECKING:
    import typst

MOST_ROUNDS = 20
"""Characters that no font has are found some at a time."""


def typeset(evidence: Evidence) -> bytes:
    """The PDF of a statement; the same evidence gives the same bytes.

    Raises PaperError where the extra for statements isn't installed.
    """
    made = _compile(evidence.attachments, evidence.digest, evidence.document["made_at"], "pdf")
    assert isinstance(made, bytes)
    return made


def draw_picture(evidence: Evidence, resolution: float) -> bytes:
    """The first page as PNG, in pixels per inch."""
    made = _compile(
        evidence.attachments, evidence.digest, evidence.document["made_at"], "png", resolution
    )
    return made if isinstance(made, bytes) else made[0]


def set_again(attachments: Mapping[str, bytes], digest: str, made_at: str) -> bytes:
    """The PDF that the attachments of one would give."""
    made = _compile(attachments, digest, made_at, "pdf")
    assert isinstance(made, bytes)
    return made


def _compile(
    attachments: Mapping[str, bytes],
    digest: str,
    made_at: str,
    form: Literal["pdf", "png"],
    resolution: float = 0,
) -> bytes | list[bytes]:
    compiler = _compiler()
    inputs = {name: content.decode() for name, content in attachments.items()}
    shown = inputs.pop("statement.json")
    inputs |= {"statement": shown, "digest": digest}
    import typst

    for _ in range(MOST_ROUNDS):
        inputs["shown"] = without_unknown(shown)
        try:
            made = compiler.compile(
                format=form,
                sys_inputs=inputs,
                pdf_standards=["a-3a", "ua-1"] if form == "pdf" else [],
                timestamp=datetime.fromisoformat(made_at).replace(microsecond=0),
                ppi=resolution or None,
            )
        except typst.TypstError as fault:
            lacking = set(map(_character, _LACKING.findall(fault.diagnostic))) - _UNKNOWN
            if not lacking:
                raise PaperError(
                    "the statement can't be set",
                    why=fault.message,
                    hint="this is a fault of apportion: please report it",
                ) from fault
            _UNKNOWN.update(lacking)
        else:
            assert made is not None
            return made
    raise PaperError("the statement has too many characters that no font has")


@cache
def _compiler() -> typst.Compiler:
    """One a process: it keeps fonts, and what of the template stays the same."""
    try:
        import typst
    except ImportError as missing:
        raise PaperError(
            "PDFs need typst, which isn't installed", hint="pip install 'apportion[statements]'"
        ) from missing
    return typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), ignore_system_fonts=True)


_LACKING = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_UNKNOWN: set[str] = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Characters that the embedded fonts were found to lack, and those that turn text around.

What replaces one hangs on it alone.
"""


def _character(said: str) -> str:
    escaped = _ESCAPED.fullmatch(said)
    if escaped:
        return chr(int(escaped[1], 16))
    return said[1:] if said.startswith("\\") and len(said) == 2 else said


def without_unknown(text: str) -> str:
    r"""JSON in which characters that no embedded font has are written out by their names.

    >>> _UNKNOWN.add("\N{ROCKET}")
    >>> without_unknown('"to the \\ud83d\\ude80"')
    '"to the [rocket]"'
    """
    table = {ord(one): _name(one) for one in _UNKNOWN}
    return json.dumps(_each(json.loads(text), table), ensure_ascii=True)


def _each(value: object, table: Mapping[int, str]) -> object:
    if isinstance(value, str):
        return value.translate(dict(table))
    if isinstance(value, list):
        return [_each(one, table) for one in value]
    if isinstance(value, dict):
        return {key: _each(one, table) for key, one in value.items()}
    return value


def _name(character: str) -> str:
    name = unicodedata.name(character, "").lower()
    if not name or name.startswith("cjk unified"):
        name = f"U+{ord(character):04X}"
    return f"[{name}]"
