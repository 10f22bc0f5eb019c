"""apportion stand-in: a server on this machine that behaves like an ERP, to try posting with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command("stand-in")(stand_in)


def stand_in(
    vendor: Annotated[
        str, typer.Argument(metavar="ERP", help="sap, netsuite, xero or quickbooks.")
    ],
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any that is free.")] = 0,
    seconds: Annotated[
        float, typer.Option("--seconds", min=1, max=86400, help="It ends after so long.")
    ] = 600,
    journal: Annotated[
        Path | None,
        typer.Option(
            "--journal", metavar="FILE", help="Keep what was posted here, and go on with it."
        ),
    ] = None,
    accounts: Annotated[
        list[str] | None,
        typer.Option("--account", help="An account that exists; all do when none is named."),
    ] = None,
    closed: Annotated[
        list[str] | None,
        typer.Option("--closed", metavar="YYYY-MM", help="A month that takes no postings."),
    ] = None,
    misbehave: Annotated[
        list[str] | None,
        typer.Option(
            "--misbehave",
            help="What goes wrong with the next posting; several befall one after the other: "
            "reject, lock, busy, unavailable, time-out, lost, error, redirect, malformed, bomb, "
            "twice, other.",
        ),
    ] = None,
) -> None:
    """Stand in for an ERP on this machine: take postings, check them, and read them back.

    It listens on 127.0.0.1 alone, takes any credential, prints its address, and ends by itself.
    Name the address as `url` of the format, and post there.
    """
    import time
    from contextlib import suppress
    from errno import EADDRINUSE

    from apportion.cli.console import say
    from apportion.demo.erp.entry_book import EntryBook
    from apportion.demo.erp.stand_in import MISBEHAVIOURS, StandIn, serving
    from apportion.demo.erp.vendors import VENDORS
    from apportion.errors import UsageError
    from apportion.model.faults import did_you_mean

    for text, known in (
        (vendor, tuple(VENDORS)),
        *((one, MISBEHAVIOURS) for one in misbehave or ()),
    ):
        if text not in known:
            raise UsageError(f"{text!r} isn't known", hint=did_you_mean(text, known))
    book = EntryBook(frozenset(accounts or ()), frozenset(closed or ()), journal)
    try:
        listening = StandIn(VENDORS[vendor](book), port, misbehave or (), hold=2.0)
    except OSError as fault:
        raise UsageError(
            f"port {port} is taken" if fault.errno == EADDRINUSE else f"no server at port {port}",
            why="" if fault.errno == EADDRINUSE else (fault.strerror or ""),
            hint="name another with --port, or leave it out: any that is free; end a stand-in "
            "that runs still with Ctrl-C where it was started",
        ) from None
    with serving(listening) as server, suppress(KeyboardInterrupt):
        typer.echo(f"{vendor} stands in at {server.url} for {seconds:.0f} s")
        time.sleep(seconds)
    say(f"documents posted: {len(book.entries)}")
