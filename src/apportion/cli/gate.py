"""Every command asks the gate first: may whoever runs it do so?"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import typer

from apportion.cli.state import State, actor


def guard(app: typer.Typer, path: str = "") -> None:
    """Put the gate before every command of an app and of its groups; to be called once, last."""
    for one in app.registered_commands:
        assert one.callback is not None
        name = one.name or one.callback.__name__.replace("_", "-")
        one.callback = _asking_first(f"{path} {name}".strip(), one.callback)
    for group in app.registered_groups:
        assert group.typer_instance is not None
        name = f"{path} {group.name}".strip()
        alone = group.typer_instance.registered_callback
        if (
            alone is not None
            and alone.callback is not None
            and alone.invoke_without_command is True
        ):
            alone.callback = _asking_alone(name, alone.callback)
        guard(group.typer_instance, name)


def _asking_alone(command: str, act: Callable[..., Any]) -> Callable[..., Any]:
    """A group that is a command too: of its own commands each asks for itself."""
    asking = _asking_first(command, act)

    @wraps(act)
    def asked(*words: Any, **options: Any) -> Any:
        context = options.get("context")
        within = context is not None and context.invoked_subcommand is not None
        return (act if within else asking)(*words, **options)

    return asked


def _asking_first(command: str, act: Callable[..., Any]) -> Callable[..., Any]:
    """A command that first asks whether it may; each refusal, also one within it, is noted."""

    @wraps(act)
    def asked(*words: Any, **options: Any) -> Any:
        from apportion.errors import NotAllowed
        from apportion.govern.gate import Gate

        gate = Gate(_folder(options), command, actor())
        try:
            gate.check(_teams(options))
            return act(*words, **options)
        except NotAllowed as refused:
            gate.note(refused)
            raise

    return asked


def _folder(options: dict[str, Any]) -> Path:
    """The project's folder; a command without one before it names its own."""
    context = options.get("context")
    if context is not None and isinstance(context.obj, State):
        return Path(context.obj.folder)
    return Path(options.get("folder") or ".")


def _teams(options: dict[str, Any]) -> tuple[str, ...]:
    """The teams that a command is asked for."""
    given = options.get("team")
    if not given:
        return ()
    return (given,) if isinstance(given, str) else tuple(given)
