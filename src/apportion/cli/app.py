"""The commands put together, and how a fault ends one."""

from __future__ import annotations

import io
import os
import sys
from typing import NoReturn, cast

import typer

import apportion
from apportion.cli import (
    accrue,
    acknowledge,
    adjust,
    anomalies,
    approve,
    audit,
    budget,
    burn,
    change,
    check,
    close,
    comment,
    compare,
    correct,
    council,
    demo,
    dispute,
    explain,
    export,
    fairness,
    final,
    forecast,
    init,
    invoices,
    journal,
    kpis,
    load,
    movers,
    periods,
    policy,
    post,
    prices,
    pull,
    quarantine,
    rates,
    ready,
    reconcile,
    reopen,
    reproduce,
    retention,
    review,
    role,
    run,
    sources,
    stack,
    stand_in,
    statement,
    statements,
    unit_cost,
    untagged,
    usage,
    verify,
)
from apportion.cli.faults import of_system, of_usage, tell
from apportion.cli.gate import guard
from apportion.cli.state import State
from apportion.errors import ApportionError

BadUsage = cast("type[Exception]", typer.BadParameter.__mro__[2])
"""What typer raises where a command line can't be read; it has no public name."""

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
    comment,
    compare,
    load,
    sources,
    quarantine,
    run,
    statement,
    statements,
    verify,
    reconcile,
    ready,
    explain,
    rates,
    export,
    journal,
    prices,
    unit_cost,
    movers,
    forecast,
    anomalies,
    burn,
    pull,
    stack,
    kpis,
    fairness,
    usage,
    accrue,
    review,
    close,
    correct,
    post,
    stand_in,
    reopen,
    reproduce,
    periods,
    invoices,
    budget,
    dispute,
    adjust,
    council,
    audit,
    retention,
    untagged,
    acknowledge,
    final,
    role,
    approve,
    policy,
    change,
    demo,
):
    group.register(app)
guard(app)


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
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)
    context.obj = State(project)


def run_app(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a letter that the page lacks is no fault
            stream.reconfigure(errors="backslashreplace")
    words = sys.argv[1:] if arguments is None else arguments
    try:
        sys.exit(app(words, standalone_mode=False, prog_name="apportion"))
    except typer.Abort:
        sys.exit(1)
    except BadUsage as bad:
        if not str(bad):  # a group without a command: its help was printed
            sys.exit(2)
        fault: ApportionError = of_usage(bad)
    except ApportionError as known:
        fault = known
    except BrokenPipeError:
        _leave_quietly()
    except OSError as refused:
        tell(of_system(refused), words)
        os._exit(2)  # what was left to be written can't be: don't try again
    tell(fault, words)
    sys.exit(fault.exit_code)


def _leave_quietly() -> NoReturn:
    """Somebody closed the pipe that the output goes to (`apportion statement | head`)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)
