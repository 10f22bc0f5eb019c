"""apportion untagged: what has no owner, how good the tags are, and whose it most likely is."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli import answer, ask, assign
from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of

if TYPE_CHECKING:
    from apportion.insight.untagged import Untagged, UntaggedResource


def register(app: typer.Typer) -> None:
    app.command()(untagged)
    for command in (assign, ask, answer):
        command.register(app)


def untagged(
    context: typer.Context,
    period: PeriodOption,
    top: Annotated[
        int, typer.Option("--top", min=0, help="How many resources, the costliest first.")
    ] = 20,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the proposed tag schema alone, as YAML.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Print what nobody carries, tag compliance, misspellings, and likely owners with evidence.

    Nothing is changed: accept a likely owner with `apportion assign`, or ask
    with `apportion ask`.
    """
    from apportion.cli.console import print_json
    from apportion.insight.tag_schema import schema_yaml
    from apportion.insight.untagged import find_untagged
    from apportion.publish.untagged_document import untagged_document

    with state_of(context).open() as project:
        found = find_untagged(project.workspace, project.model, period_of(period), top=top)
    if schema:
        typer.echo(schema_yaml(found[0].schema, found[0].coverage.total), nl=False)
        return
    if as_json:
        print_json(untagged_document(found[0], found[1:]))
        return
    for each in found:
        _print(each)
    _next(found, period)


def _print(found: Untagged) -> None:
    _print_coverage(found)
    _print_compliance(found)
    _print_resources(found)
    _print_spellings(found)
    _print_schema(found)


def _print_coverage(found: Untagged) -> None:
    from apportion.cli.console import money, table

    cover = found.coverage
    rows = [
        (name, money(part.amount), _percent(part.percent))
        for name, part in (
            ("direct", cover.direct),
            ("shared", cover.shared),
            ("unallocated", cover.unallocated),
        )
    ]
    rows.append(("total", money(cover.total), "100.00 %" if cover.total else "n/a"))
    title = f"Coverage of {found.period} · {found.basis}"
    table(title, ("", found.currency, "of the total"), rows)


def _print_compliance(found: Untagged) -> None:
    from apportion.cli.console import say, table
    from apportion.insight.compliance import FORMULA

    tags = found.compliance
    if not tags.keys:
        say("Tag compliance: n/a; no tag is required (model/tags.yaml, `required: true`)")
        say()
        return
    rows = [
        (
            key.key,
            _percent(key.percent),
            *(_short(part) for part in (key.exact, key.otherwise, key.strange, key.missing)),
        )
        for key in tags.keys
    ]
    table(
        f"Tag compliance: {_percent(tags.percent)} "
        f"({_short(tags.compliant)} of {_short(tags.taggable)} {found.currency})",
        ("required tag", "compliant", "as allowed", "other spelling", "not allowed", "missing"),
        rows,
    )
    for part in FORMULA.split("; "):
        say(f"  {part}")
    say()


def _print_resources(found: Untagged) -> None:
    from apportion.cli.console import printable, say, table

    shown = found.resources
    title = (
        f"Without an owner: {found.number} resources, {_short(found.cost)} {found.currency}; "
        f"the {len(shown)} costliest"
    )
    rows = [
        (
            str(n),
            _name(one),
            one.resource.service,
            one.resource.account_name or one.resource.account,
            ", ".join(one.resource.missing) or "–",
            str(one.days),
            _short(one.resource.cost),
            _likely(one),
        )
        for n, one in enumerate(shown, 1)
    ]
    headings = ("#", "resource", "service", "account", "lacks", "days", found.currency, "likely")
    table(title, headings, rows, left=5)
    if shown:
        say("Why")
    for n, one in enumerate(shown, 1):
        proposal = one.verdict.proposal
        if proposal is None:
            say(printable(f"  {n}. no proposal: {one.verdict.why_not}"))
            continue
        say(printable(f"  {n}. {proposal.team}, {proposal.score} of 100 points"))
        for part in proposal.parts:
            say(printable(f"     {part.points:>3}  {part.words}"))
    say()


def _name(one: UntaggedResource) -> str:
    pattern = "" if one.resource.pattern is None else f" (by name: {one.resource.pattern})"
    return one.resource.label + pattern


def _likely(one: UntaggedResource) -> str:
    proposal = one.verdict.proposal
    return "–" if proposal is None else f"{proposal.team} {proposal.score}"


def _print_spellings(found: Untagged) -> None:
    from apportion.cli.console import table

    if found.misspellings:
        rows = [
            (one.key, f"'{one.value}'", one.meant, one.why, _short(one.cost))
            for one in found.misspellings[:20]
        ]
        headings = ("tag", "value", "likely means", "because", found.currency)
        table("Values that look misspelt", headings, rows, left=4)
    if found.similar_keys:
        keys = [
            (f"'{one.key}'", one.like, one.why, _short(one.cost)) for one in found.similar_keys[:20]
        ]
        table("Tag keys that look alike", ("key", "like", "because", found.currency), keys, left=3)


def _print_schema(found: Untagged) -> None:
    from apportion.cli.console import printable, say
    from apportion.insight.tag_schema import schema_yaml

    say("Proposed tags, for model/tags.yaml (`--schema` prints this alone)")
    for line in schema_yaml(found.schema, found.coverage.total).splitlines():
        say(f"  {printable(line)}")
    say()


def _next(found: tuple[Untagged, ...], period: str) -> None:
    from apportion.cli.console import say

    resources = [one for each in found for one in each.resources]
    if any(one.verdict.proposal and one.resource.thing.id for one in resources):
        say(f"Accept one:      apportion assign RESOURCE --period {period}")
        say(f"Accept the sure: apportion assign --all --period {period} --at-least 80")
        say(f"Ask the teams:   apportion ask --period {period}")


def _percent(value: Decimal | None) -> str:
    return "n/a" if value is None else f"{value} %"


def _short(value: Decimal) -> str:
    """An amount to cents, for reading; the JSON has it exactly."""
    return f"{value:,.2f}"
