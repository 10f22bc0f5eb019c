"""Read the section `usage` of apportion.yaml: the sources of usage."""

from __future__ import annotations

from zoneinfo import available_timezones

from apportion.model import marked_yaml as y
from apportion.model.faults import Faults, did_you_mean
from apportion.model.read_pull import read_pull
from apportion.model.usage_spec import UsageSpec
from apportion.model.values import text_of


def read_usage(node: y.Node | None, bills: y.Node | None, faults: Faults) -> dict[str, UsageSpec]:
    """The sources of usage by name; a name that a bill has already is a fault."""
    if not isinstance(node, y.Mapping):
        return {}
    made = {}
    taken = bills.entries if isinstance(bills, y.Mapping) else {}
    for name, source in node.entries.items():
        assert isinstance(source, y.Mapping)
        if name in taken:
            faults.add(
                node.keys[name],
                f"{name!r} is the name of a bill already",
                hint="loads name their source: give the usage a name of its own",
            )
        _check_zone(source.entries.get("timezone"), faults)
        made[name] = UsageSpec(
            name=name,
            format=text_of(source, "format"),
            path=text_of(source, "path"),
            place=node.keys[name].place,
            timezone=text_of(source, "timezone"),
            columns=_texts(source.entries.get("columns")),
            options=_texts(source.entries.get("options")),
            pull=read_pull(source, faults),
        )
    return made


def _check_zone(node: y.Node | None, faults: Faults) -> None:
    if isinstance(node, y.Scalar) and node.text not in (known := available_timezones()):
        faults.add(
            node,
            f"no time zone is called {node.text!r}",
            hint=did_you_mean(node.text, sorted(known), "use a name such as Europe/Berlin"),
        )


def _texts(node: y.Node | None) -> dict[str, str]:
    if not isinstance(node, y.Mapping):
        return {}
    return {key: one.text for key, one in node.entries.items() if isinstance(one, y.Scalar)}
