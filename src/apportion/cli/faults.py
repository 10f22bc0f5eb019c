"""How a fault ends a command: told to people, and as JSON to programs that asked for it."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Any

from apportion.errors import ApportionError, ConfigurationError, Place, UsageError

JSON = "--json"

BEFORE_THE_COMMAND = ("--project", "-p")

_REMEDIES = {
    errno.ENOENT: "it isn't there (any more): put it back, or correct the path, and try again",
    errno.EEXIST: "something of that name is there already: choose another name",
    errno.ENOTDIR: "a file stands where a folder is needed: choose another place",
    errno.EISDIR: "a folder stands where a file is needed: choose another name",
    errno.EACCES: "get the right to read it, or to write there, and try again",
    errno.EPERM: "get the right to read it, or to write there, and try again",
    errno.EROFS: "it can only be read: work on a copy of the project in a place to write to",
    errno.ENOSPC: "make room on the disk, and try again; what was committed before is whole",
}


def tell(fault: ApportionError, arguments: Sequence[str]) -> None:
    """Print a fault and those that belong to it; with --json also as a document."""
    from apportion.cli.console import complain, print_json

    every = fault.all() if isinstance(fault, ConfigurationError) else (fault,)
    for each in every:
        complain(each)
    if JSON in arguments:
        print_json({"ok": False, "faults": [fault_document(each) for each in every]})


def fault_document(fault: ApportionError) -> dict[str, Any]:
    """A fault for programs; what it doesn't know is null."""
    place = fault.place
    return {
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "what": fault.what,
        "why": fault.why or None,
        "hint": fault.hint or None,
    }


def of_usage(fault: Any) -> UsageError:
    """A command line that can't be read, in the form of all faults."""
    hint = f"see `{fault.ctx.command_path} --help`" if fault.ctx else ""
    if getattr(fault, "option_name", None) in BEFORE_THE_COMMAND:
        hint = "it stands before the command: apportion --project DIR COMMAND"
    return UsageError(fault.format_message(), hint=hint)


def of_system(fault: OSError) -> ApportionError:
    """What the system refused: which file, and what to do."""
    return ApportionError(
        f"the system refused: {fault.strerror or fault}",
        place=Place(str(fault.filename)) if fault.filename else None,
        hint=_REMEDIES.get(fault.errno or 0, "see that the file can be used, and try again"),
    )
