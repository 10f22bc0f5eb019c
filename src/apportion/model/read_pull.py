"""Read `pull` of a source: what is fetched, from where, with which key."""

from __future__ import annotations

import re
from collections.abc import Collection

from apportion.model import marked_yaml as y
from apportion.model.address import is_remote
from apportion.model.faults import Faults, did_you_mean
from apportion.model.pull_spec import DAY, INTERFACES, Interface, PullSpec
from apportion.model.server_address import in_clear_text, is_server
from apportion.model.values import scalars_of, text_of, texts_of

_GLOB = re.compile(r"[*?\[]")


def read_pull(source: y.Mapping, faults: Faults) -> PullSpec | None:
    """How a source is fetched; None where it isn't. `source` has its shape already."""
    node = source.entries.get("pull")
    if not isinstance(node, y.Mapping):
        return None
    api = text_of(node, "api")
    interface = INTERFACES[api]
    _check_source(source, node, api, faults)
    _check_known(node.entries.get("reports"), interface.reports, f"a report of {api}", faults)
    _check_known(node.entries.get("group_by"), interface.groups, f"a group of {api}", faults)
    _check_bucket(node.entries.get("bucket"), api, interface, faults)
    _check_endpoint(node.entries.get("endpoint"), faults)
    return PullSpec(
        api=api,
        key=text_of(node, "key"),
        place=source.keys["pull"].place,
        endpoint=text_of(node, "endpoint").rstrip("/"),
        reports=texts_of(node.entries.get("reports")) or tuple(interface.reports),
        group_by=texts_of(node.entries.get("group_by")) or interface.usual,
        bucket=text_of(node, "bucket") or DAY,
    )


def _check_source(source: y.Mapping, node: y.Mapping, api: str, faults: Faults) -> None:
    """What is pulled must be what the source reads, and its path a folder to put it in."""
    if text_of(source, "format") not in (INTERFACES[api].formats or (api,)):
        faults.add(
            node.entries["api"],
            f"{api} is pulled, but the source reads {text_of(source, 'format')}",
            hint=f"give the source `format: {api}`, or pull what it reads",
        )
    path = text_of(source, "path")
    if is_remote(path) or _GLOB.search(path):
        faults.add(
            source.entries["path"],
            "what is pulled goes into a local folder, and `path` is none",
            hint="name a folder of the project, say usage/openai",
        )


def _check_known(node: y.Node | None, known: Collection[str], what: str, faults: Faults) -> None:
    for one in scalars_of(node):
        if one.text not in known:
            faults.add(one, f"{one.text!r} is not {what}", hint=did_you_mean(one.text, known))


def _check_bucket(node: y.Node | None, api: str, interface: Interface, faults: Faults) -> None:
    if isinstance(node, y.Scalar) and node.text not in interface.buckets:
        faults.add(
            node,
            f"{api} has no buckets of {node.text}",
            hint=f"it has {', '.join(interface.buckets)}",
        )


def _check_endpoint(node: y.Node | None, faults: Faults) -> None:
    """An endpoint gets the key: it is reached over TLS, but for one on this machine."""
    if not isinstance(node, y.Scalar):
        return
    if not is_server(node.text):
        faults.add(
            node,
            "the endpoint is not the URL of a server",
            why="it may hold neither credentials nor a query",
            hint="write it as https://api.example.com",
        )
    elif in_clear_text(node.text):
        faults.add(
            node,
            "the endpoint would get the key in clear text",
            hint="write it with https://; http:// is for a server on this machine only",
        )
