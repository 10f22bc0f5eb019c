"""Read the section `erp` of apportion.yaml: what ERPs must be told besides the journal."""

from __future__ import annotations

from apportion.model import marked_yaml as y
from apportion.model.erp_spec import ERP_OPTIONS, ErpSpec
from apportion.model.faults import Faults, did_you_mean
from apportion.model.server_address import in_clear_text, is_server
from apportion.model.values import text_of, texts_of


def read_erp(node: y.Node | None, faults: Faults) -> dict[str, ErpSpec]:
    """Settings by format; an option that the format doesn't know is a fault."""
    if not isinstance(node, y.Mapping):
        return {}
    made = {}
    for name, settings in node.entries.items():
        if not isinstance(settings, y.Mapping):
            continue
        lines = int(text_of(settings, "lines") or 0)
        if lines == 1:
            faults.add(
                settings.entries["lines"],
                "a document of one line can't balance",
                hint="give at least 2",
            )
        made[name] = ErpSpec(
            format=name,
            place=node.keys[name].place,
            options=_options(name, settings.entries.get("options"), faults),
            codes={
                kind: {key: text_of(codes, key) for key in codes.entries}
                for kind, codes in _entries(settings.entries.get("codes"))
            },
            lines=lines,
        )
    return made


def _options(name: str, node: y.Node | None, faults: Faults) -> dict[str, tuple[str, ...]]:
    if not isinstance(node, y.Mapping):
        return {}
    known = ERP_OPTIONS[name]
    for key in node.entries:
        if key not in known:
            hint = f"it knows {', '.join(known) or 'none'}"
            faults.add(
                node.keys[key], f"{name} has no option {key!r}", hint=did_you_mean(key, known, hint)
            )
    _check_url(node.entries.get("url"), faults)
    return {key: texts_of(value) for key, value in node.entries.items()}


def _check_url(node: y.Node | None, faults: Faults) -> None:
    """What is posted goes with a credential: it is reached over TLS, but for this machine."""
    if not isinstance(node, y.Scalar):
        return
    if not is_server(node.text):
        faults.add(
            node,
            "`url` is not the URL of a server",
            why="it may hold neither credentials nor a query",
            hint="write it as https://erp.example.com",
        )
    elif in_clear_text(node.text):
        faults.add(
            node,
            "the ERP's credentials would go there in clear text",
            hint="write it with https://; http:// is for a server on this machine only",
        )


def _entries(node: y.Node | None) -> list[tuple[str, y.Mapping]]:
    """The mappings in a mapping."""
    if not isinstance(node, y.Mapping):
        return []
    return [(key, one) for key, one in node.entries.items() if isinstance(one, y.Mapping)]
