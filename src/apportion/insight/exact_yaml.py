"""Documents as YAML in which every text comes back exactly as it was, hostile ones included."""

from __future__ import annotations

from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    """What is empty is left open, to be filled in; a text that repeats is no alias."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    # Plain and single-quoted texts fold the rarer line breaks; double-quoted ones escape them.
    style = None if text.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _nothing(dumper: _Dumper, _: None) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:null", "")


_Dumper.add_representer(str, _text)
_Dumper.add_representer(type(None), _nothing)


def exact_yaml(document: dict[str, Any], *, short_lists: bool = False, width: int = 10_000) -> str:
    r"""Write a document in the order of its keys; `short_lists` puts lists of texts on one line.

    >>> exact_yaml({"name": "a: b", "answer": None})
    "name: 'a: b'\nanswer:\n"
    """
    text = yaml.dump(
        document,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None if short_lists else False,
        width=width,
    )
    assert isinstance(text, str)
    return text
