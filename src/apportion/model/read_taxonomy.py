"""The tag taxonomy: keys with their spellings and values, no spelling claimed by two."""

from __future__ import annotations

from collections.abc import Mapping

from apportion.model import marked_yaml as y
from apportion.model.faults import Faults, did_you_mean
from apportion.model.taxonomy import TagKey, Taxonomy
from apportion.model.values import scalars_of, text_of, texts_of


def read_taxonomy(nodes: Mapping[str, tuple[y.Scalar, y.Mapping]], faults: Faults) -> Taxonomy:
    """Tag keys by name, each with the node of its name and of its form (shapes checked)."""
    claimed = {_fold(name): key for name, (key, _) in nodes.items()}
    keys = {}
    for name, (key, form) in nodes.items():
        _claim_synonyms(form, key, claimed, faults)
        keys[name] = TagKey(
            name=name,
            place=key.place,
            synonyms=texts_of(form.entries.get("synonyms")),
            aliases=_aliases(form, faults),
            values=texts_of(form.entries.get("values")),
            required=text_of(form, "required") == "true",
        )
    return Taxonomy(keys)


def _claim_synonyms(
    form: y.Mapping, key: y.Scalar, claimed: dict[str, y.Scalar], faults: Faults
) -> None:
    for synonym in scalars_of(form.entries.get("synonyms")):
        before = claimed.setdefault(_fold(synonym.text), key)
        if before is not key:
            faults.add(
                synonym,
                f"the spelling {synonym.text!r} is claimed by two tag keys",
                why=f"the other is {before.text!r} at {before.place}",
                hint="leave it with one of them (case and blanks around it don't count)",
            )


def _aliases(form: y.Mapping, faults: Faults) -> dict[str, str]:
    table = form.entries.get("aliases")
    if not isinstance(table, y.Mapping):
        return {}
    allowed = texts_of(form.entries.get("values"))
    own = {_fold(value): value for value in allowed}
    made: dict[str, str] = {}
    claimed: dict[str, tuple[str, y.Scalar]] = {}
    for value, spellings in table.entries.items():
        if allowed and value not in allowed:
            faults.add(
                table.keys[value],
                f"aliases for {value!r}, which is not one of the values",
                hint=did_you_mean(value, allowed, "add it to `values`"),
            )
        for spelling in scalars_of(spellings):
            folded = _fold(spelling.text)
            meant, before = claimed.setdefault(folded, (value, spelling))
            if meant != value or own.get(folded, value) != value:
                other = own[folded] if meant == value else meant
                faults.add(
                    spelling,
                    f"the spelling {spelling.text!r} stands for both {value!r} and {other!r}",
                    why=f"the other is at {before.place}" if before is not spelling else "",
                    hint="leave it with one of them",
                )
            made[spelling.text] = value
    return made


def _fold(text: str) -> str:
    return text.strip().casefold()
