"""apportion movers: what drove the change between two periods, down to the job and the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of

if TYPE_CHECKING:
    from fractions import Fraction

    from apportion.domain.owner import Owner
    from apportion.domain.result import Line
    from apportion.insight.mover_values import ItemMove, Moved, Movers
    from apportion.insight.price_volume_mix import Effects


def register(app: typer.Typer) -> None:
    app.command()(movers)


def movers(
    context: typer.Context,
    period: PeriodOption,
    against: Annotated[
        str,
        typer.Option(
            "--against", metavar="YYYY-MM", help="The earlier period; the month before if left out."
        ),
    ] = "",
    team: Annotated[str, typer.Option("--team", "-t", help="Only this team's cost.")] = "",
    most: Annotated[
        int, typer.Option("--top", min=1, help="How many lines, and how many of their parts.")
    ] = 10,
    as_json: JsonOption = False,
) -> None:
    """Print what drove a change of cost: rules, one-offs, price, volume, mix; and which job or key.

    The two periods' latest runs are compared line by line, and each line with what it is made
    of: jobs, keys, machines. The effects add up to the change, exactly. Nothing is saved.
    """
    from apportion.cli.console import findings, print_json
    from apportion.insight.movers import find_movers
    from apportion.publish.movers_document import movers_document
    from apportion.run.saved import latest_run

    last = period_of(period)
    first = period_of(against) if against else last.previous()
    with state_of(context).open() as project:
        after, before = latest_run(project.books, last), latest_run(project.books, first)
        found = find_movers(project.workspace, project.model, before, after, team=team)
    if as_json:
        print_json(movers_document(found, most))
        return
    findings(found.findings)
    print_movers(found, most)


HEADS = ("", "before", "after", "change", "rules", "one-off", "price", "volume", "mix")


def print_movers(found: Moved, most: int) -> None:
    """Owners, then lines, then what lines are made of, the largest change first."""
    from apportion.cli.console import say

    for one in found.movers:
        _print_owners(found, one)
        _print_lines(one, most)
        _print_items(one, most)
    _print_charges(found, most)
    say("change = rules + one-off + price + volume + mix, to the last digit")
    say("rules: the earlier month carried by the later month's model, less as it was carried")
    say("one-off: one-time charges, and what only one of the months beside each other knows")
    say("volume: (quantity after - quantity before) × mean price before")
    say("mix: quantity after × (its mean at prices before - mean price before)")
    say("price: quantity after × (price after - price before), kind by kind")


def _print_owners(found: Moved, one: Movers) -> None:
    from apportion.cli.console import table

    rows = [_row(_who(owner), *parts) for owner, parts in one.by_owner().items()]
    if len(rows) > 1:
        rows.append(_row("total", one.before, one.after, one.effects))
    title = f"{found.before.period} → {found.after.period} · {found.after.basis} in {one.currency}"
    table(title, HEADS, rows)


def _print_lines(one: Movers, most: int) -> None:
    from apportion.cli.console import table

    rows = [
        _row(f"{_who(move.line.owner)}: {_words(move.line)}", move.before, move.after, move.effects)
        for move in one.lines[:most]
        if move.change
    ]
    table("lines that moved most", HEADS, rows)


def _print_items(one: Movers, most: int) -> None:
    from apportion.cli.console import money, printable, table
    from apportion.insight.mover_values import top
    from apportion.publish.compare_document import signed
    from apportion.run.explain import rounded

    shown, rest, count = top(one.items, most)
    rows = [
        (
            printable(_name(item)),
            printable(f"{_who(item.line.owner)}: {_words(item.line)}"),
            {"one_off": "one-off"}.get(item.effect, item.effect),
            money(rounded(item.before)),
            money(rounded(item.after)),
            signed(rounded(item.change)),
            _count(item.quantity_before),
            _count(item.quantity_after),
            item.unit,
        )
        for item in shown
        if item.change
    ]
    if count:
        rows.append((f"{count:,} others", "", "", "", "", signed(rounded(rest)), "", "", ""))
    heads = ("what moved", "line", "", "before", "after", "change", "used before", "used after", "")
    table("what they are made of (before: by the later month's rules)", heads, rows, left=3)


def _print_charges(found: Moved, most: int) -> None:
    """What pools themselves were billed: why a share of them became dearer or cheaper."""
    from apportion.cli.console import money, printable, table
    from apportion.publish.compare_document import signed
    from apportion.run.explain import rounded

    rows = [
        (
            printable(one.name),
            printable(one.pool),
            money(rounded(one.before)),
            money(rounded(one.after)),
            signed(rounded(one.change)),
            one.currency,
        )
        for one in found.charges[:most]
        if one.change
    ]
    if rows:
        heads = ("charge", "pool", "before", "after", "change", "")
        table("charges behind these pools", heads, rows, left=2)


def _name(item: ItemMove) -> str:
    """What moved, with the single ones: `hp-sweep-42 (930042; dana)`, `sweep-* (8)`."""
    inside = []
    if len(item.names) == 1 and item.names[0] != item.name:
        inside.append(item.names[0])
    elif len(item.names) > 1:
        inside.append(f"{len(item.names)}")
    if 0 < len(item.who) <= MOST_PEOPLE:
        inside.append(", ".join(item.who))
    return f"{item.name} ({'; '.join(inside)})" if inside else item.name


MOST_PEOPLE = 3


def _who(owner: Owner) -> str:
    return f"pool {owner.name}" if str(owner.kind) == "pool" else owner.name


def _words(line: Line) -> str:
    """What a line is."""
    if not line.pool:
        return line.service or "(no service named)"
    kind = "" if str(line.kind) == "shared" else f", {line.kind}"
    return f"{line.pool}{kind}"


def _row(name: str, before: Fraction, after: Fraction, effects: Effects) -> tuple[str, ...]:
    """Rounded so that the effects add up to the change, and the change to what is shown."""
    from fractions import Fraction as Exact

    from apportion.cli.console import money, printable
    from apportion.domain.money import from_units, largest_remainder, to_units
    from apportion.insight.price_volume_mix import EFFECTS
    from apportion.publish.compare_document import signed

    first, last = to_units(before, PLACES), to_units(after, PLACES)
    exact = {effect: getattr(effects, effect) * 10**PLACES for effect in EFFECTS}
    parts = largest_remainder(last - first, {k: Exact(v) for k, v in exact.items()}, exact)
    return (
        printable(name),
        money(from_units(first, PLACES)),
        money(from_units(last, PLACES)),
        signed(from_units(last - first, PLACES)),
        *(signed(from_units(parts[effect], PLACES)) for effect in EFFECTS),
    )


PLACES = 2


def _count(value: Fraction) -> str:
    from apportion.run.explain import rounded

    text = f"{rounded(value, 2):,f}"
    return text.rstrip("0").rstrip(".")
