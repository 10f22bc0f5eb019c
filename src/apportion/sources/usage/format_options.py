"""The options of a source of usage: which a format knows, and lists written as one text."""

from __future__ import annotations

from collections.abc import Collection

from apportion.errors import ConfigurationError
from apportion.model.faults import did_you_mean
from apportion.model.usage_spec import UsageSpec


def check_options(spec: UsageSpec, known: Collection[str]) -> None:
    """Raise ConfigurationError for an option that the format doesn't know."""
    for name in spec.options:
        if name not in known:
            hint = f"it knows {', '.join(sorted(known))}" if known else "it knows none"
            raise ConfigurationError(
                f"usage {spec.name!r}: the format {spec.format} knows no option {name!r}",
                place=spec.place,
                hint=did_you_mean(name, sorted(known), hint),
            )


def one_of(spec: UsageSpec, name: str, choices: Collection[str], default: str = "") -> str:
    """An option that is one of a few words; raises ConfigurationError for another, and for none
    where there is no default.
    """
    given = spec.options.get(name, default)
    if given not in choices:
        raise ConfigurationError(
            f"usage {spec.name!r}: `{name}` is {given!r}" if given else _missing(spec, name),
            place=spec.place,
            hint=f"options: {{{name}: …}} with one of {', '.join(choices)}",
        )
    return given


def _missing(spec: UsageSpec, name: str) -> str:
    return f"usage {spec.name!r}: the format {spec.format} needs the option `{name}`"


def words(text: str) -> tuple[str, ...]:
    """A list written as one text.

    >>> words("orders, users")
    ('orders', 'users')
    """
    return tuple(word.strip() for word in text.split(",") if word.strip())


def pairs(spec: UsageSpec, name: str) -> dict[str, str]:
    """An option that says of several things what each is, `this=that, other=that`.

    Raises ConfigurationError for a word without an equals sign.
    """
    found = {}
    for word in words(spec.options.get(name, "")):
        left, equals, right = word.partition("=")
        if not equals or not left.strip() or not right.strip():
            raise ConfigurationError(
                f"usage {spec.name!r}: `{name}` says nothing of {word!r}",
                place=spec.place,
                hint=f"write it as `{name}: this=that, other=that`",
            )
        found[left.strip()] = right.strip()
    return found


def own_meters(spec: UsageSpec) -> dict[str, str]:
    """Meters of the user's own that are columns of a wide table, with their units.

    Written as `meters: orders, active_users:users`.
    """
    found = {}
    for word in words(spec.options.get("meters", "")):
        name, _, unit = word.partition(":")
        found[name.strip()] = unit.strip() or name.strip()
    return found
