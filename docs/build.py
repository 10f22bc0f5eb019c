"""Write the reference pages that are made from the code; with ``--check``, only compare them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from apportion.cli.app import app
from apportion.govern.acts import ACTS

PAGE = Path(__file__).parent / "reference" / "commands.md"


def commands_page() -> str:
    """Every command with its arguments and options, from the command line itself."""
    root: Any = get_command(app)
    lines = [
        "# Commands",
        "",
        "Made from the code by `make docs`. Every command takes `--help`; those that report take",
        "`--json`. Exit codes: 0 done; 1 finished with findings that matter; 2 wrong use or",
        "configuration; 3 the proof failed. With `--json`, a fault is a document too:",
        '`{"ok": false, "faults": [{file, line, column, what, why, hint}]}`. Amounts in JSON are',
        "decimal strings: those of statements have the places of their currency, those of proofs",
        "and of bill rows no zeros at the end. Each command says who may run it once",
        "[roles](../how-to/roles-and-approvals.md) are granted.",
        "",
        "`apportion [OPTIONS] COMMAND`",
        "",
        *_parameters(root),
    ]
    for name, command in _commands(root):
        lines += ["", f"## apportion {name}", "", _plain(command.help or ""), ""]
        lines += [f"Who may: {ACTS[name].words}.", ""] if name in ACTS else []
        lines += _parameters(command)
    return "\n".join(lines).rstrip() + "\n"


def _commands(group: Any) -> Iterator[tuple[str, Any]]:
    """Each command with its whole name, those of groups included."""
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            if command.invoke_without_command and name in ACTS:  # a group that is a command too
                yield name, command
            yield from ((f"{name} {inner}", each) for inner, each in _commands(command))
        else:
            yield name, command


def _parameters(command: Any) -> Iterator[str]:
    rows = [
        (_name(parameter), getattr(parameter, "help", "") or "")
        for parameter in command.params
        if not getattr(parameter, "hidden", False)
    ]
    if rows:
        yield "| option | meaning |"
        yield "|---|---|"
    for name, meaning in rows:
        yield f"| `{name}` | {_plain(meaning)} |"


def _name(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    takes = "" if getattr(parameter, "is_flag", False) else f" {parameter.metavar or 'TEXT'}"
    return ", ".join(parameter.opts) + takes


def _plain(text: str) -> str:
    return " ".join(text.split())


def main() -> int:
    made = commands_page()
    if "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text() != made:
            print(f"{PAGE.name} is out of date: run `make docs`")
            return 1
        return 0
    PAGE.write_text(made)
    print(f"wrote {PAGE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
