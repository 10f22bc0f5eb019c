"""The commands put together, and how a fault ends one."""

from __future__ import annotations

import io
import os
import sys

import typer

import apportion
from apportion.cli import (
    acknowledge,
    check,
    demo,
    explain,
    export,
    init,
    load,
    prices,
    quarantine,
    rates,
    reconcile,
    run,
    stack,
    statement,
    untagged,
)
from apportion.cli.state import State
from apportion.errors import ApportionError, ConfigurationError

app = typer.Typer(
    name="apportion",
    help="AI cost in, statements that every team accepts out, each cent explained.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done; 1 finished with findings that matter; "
    "2 wrong use or configuration; 3 the proof failed.",
)
for group in (
    init,
    check,
    load,
    quarantine,
    run,
    statement,
    reconcile,
    explain,
    rates,
    export,
    prices,
    stack,
    untagged,
    acknowledge,
    demo,
):
    group.register(app)


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    project: str = typer.Option(
        ".",
        "--project",
        "-p",
        metavar="DIR",
        envvar="APPORTION_PROJECT",
        help="The project folder.",
    ),
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    """Options of every command."""
    if version:
        typer.echo(f"apportion {apportion.__version__}")
        raise typer.Exit
    context.obj = State(project)


def run_app(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a letter that the page lacks is no fault
            stream.reconfigure(errors="backslashreplace")
    try:
        app(arguments, standalone_mode=True)
    except ConfigurationError as fault:
        for each in fault.all():
            _tell(each)
        sys.exit(fault.exit_code)
    except ApportionError as fault:
        _tell(fault)
        sys.exit(fault.exit_code)
    except OSError as fault:
        if isinstance(fault, BrokenPipeError):
            _leave_quietly()
        _tell(ApportionError(f"the system refused: {fault.strerror or fault}", why=_file_of(fault)))
        os._exit(2)  # what was left to be written can't be: don't try again


def _leave_quietly() -> None:
    """Somebody closed the pipe that the output goes to (`apportion statement | head`)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


def _file_of(fault: OSError) -> str:
    return f"it was about {fault.filename}" if fault.filename else ""


def _tell(fault: ApportionError) -> None:
    from apportion.cli.console import complain

    complain(fault)
