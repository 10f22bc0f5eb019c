"""The reference page names every key of every form, and every remark of the check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from apportion.model.forms import CONDITION
from apportion.model.model_forms import MODEL
from apportion.model.project_forms import PROJECT
from apportion.model.shape import Either, Form, Items, Shape, Table

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/model.md").read_text(encoding="utf-8")
SHARED = {"from", "until", "because", "owner"}
TITLES = {
    "a materiality": "Materiality",
    "accrual": "Accruals",
    "close": "A close",
    "the terms of disputes": "Disputes",
    "a dated split": "A split",
    "a fallback split": "A split",
    "a previous split": "A split",
    "apportion.yaml": "apportion.yaml",
}


def forms(shape: Shape | None) -> Iterator[Form]:
    """Every form within a shape, itself included."""
    if isinstance(shape, Form):
        yield shape
        for key in shape.keys.values():
            yield from forms(key.shape)
    elif isinstance(shape, Items):
        yield from forms(shape.of)
    elif isinstance(shape, Table):
        yield from forms(shape.values)
    elif isinstance(shape, Either):
        for part in (shape.scalar, shape.items, shape.mapping):
            yield from forms(part)


FORMS = {form.name: form for root in (PROJECT, MODEL) for form in forms(root)}


def section(title: str) -> str:
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/reference/model.md has no section {title!r}"
    return found[1]


def documented(title: str) -> dict[str, str]:
    """The keys of a section's table, and what is said of each."""
    return dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", section(title), re.MULTILINE))


def title_of(name: str) -> str:
    if name.startswith("a dated ") and name not in TITLES:
        return "A dated value"
    return TITLES.get(name, name[0].upper() + name[1:])


@pytest.mark.parametrize("name", sorted(FORMS))
def test_every_key_is_documented_in_the_section_of_its_form(name: str) -> None:
    rows = documented(title_of(name))
    shared = documented("Dates and reasons")
    conditions = documented("Conditions")
    for key, known in FORMS[name].keys.items():
        said = rows.get(key)
        if said is None and key in SHARED:
            said = shared[key]
        if said is None and key in CONDITION:
            said = conditions[key]
        assert said, f"{key!r} of {name} is not documented in docs/reference/model.md"
        assert said.startswith("Needed.") == known.needed, f"{key!r} of {name}: needed or not?"


@pytest.mark.parametrize("name", sorted(FORMS))
def test_no_key_is_documented_that_does_not_exist(name: str) -> None:
    title = title_of(name)
    known = {key for form in FORMS.values() if title_of(form.name) == title for key in form.keys}
    assert set(documented(title)) <= known


def test_the_walk_reaches_every_form() -> None:
    assert {"a rule", "a pool", "a split", "a fallback", "a source", "an engine", "a budget"} <= {
        *FORMS
    }


def test_every_remark_is_documented_with_its_level() -> None:
    room = ROOT / "src/apportion/model"
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(room.glob("*.py")))
    made = dict(re.findall(r'Finding\(\s*"([a-z-]+)",\s*Level\.([A-Z]+)', code))
    title = "Remarks of `apportion check`"
    told = {key: row.split(" | ")[0] for key, row in documented(title).items()}
    assert told == {key: level.lower() for key, level in made.items()}


def test_every_example_of_the_page_is_sound() -> None:
    from apportion.model import marked_yaml as y
    from apportion.model.faults import Faults

    examples = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) >= 7
    for text in examples:
        faults = Faults()
        node = y.parse_yaml(text, "example", faults)
        assert node is not None
        (PROJECT if "\nsources:" in text else MODEL).check(node, faults)
        assert faults.found == []
