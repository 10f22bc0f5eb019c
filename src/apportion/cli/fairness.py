"""apportion fairness: is what a pool charges fair?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of

if TYPE_CHECKING:
    from fractions import Fraction

    from apportion.insight.fairness import Fairness, PoolFairness, Standing

HEADINGS = ("", "charge", "stand-alone", "incremental", "")
DEMANDED = ("policy", "driver", "pool", "", "charged")


def register(app: typer.Typer) -> None:
    app.command()(fairness)


def fairness(
    context: typer.Context,
    period: PeriodOption,
    pool: Annotated[str, typer.Option("--pool", help="Only this pool.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Print each pool's charges beside stand-alone and incremental cost, and who is off.

    Also how concentrated a pool is, how far each charge moves with a percentage point more
    of each weight, and rules that punish what a policy demands. Reads the period's run.
    """
    from apportion.cli.console import print_json
    from apportion.insight.fairness import find_fairness
    from apportion.publish.fairness_document import fairness_document
    from apportion.run.metered_model import metered_model
    from apportion.run.saved import latest_run

    with state_of(context).open() as project:
        run = latest_run(project.books, period_of(period))
        model = metered_model(project.workspace, project.model, run.span)
        found = find_fairness(run, model, pool)
    if as_json:
        print_json(fairness_document(found))
    else:
        print_fairness(found)


def print_fairness(found: Fairness) -> None:
    """One part for each pool, then what policies demand."""
    from apportion.cli.console import say, table

    for one in found.pools:
        _print_pool(found, one)
    if found.demanded:
        table(
            "rules that punish what a policy demands",
            DEMANDED,
            [
                (one.policy, one.driver, one.pool, one.receiver, _money(one.amount, one.currency))
                for one in found.demanded
            ],
            left=4,
        )
        say("do: `exempt` the teams, with the owner of the policy under `charge_to`")
    if not found.pools:
        say(f"no pool was shared in {found.period}")


def _print_pool(found: Fairness, one: PoolFairness) -> None:
    from apportion.cli.console import say, table

    cost = f"{_money(one.cost, one.currency)} {one.currency}"
    table(
        f"{found.period} · {one.pool} · {cost} by {one.method} · {found.basis}",
        HEADINGS,
        [
            (
                each.receiver,
                *(_money(value, one.currency) for value in (each.charge, each.alone, each.added)),
                _words(each),
            )
            for each in one.standings
        ],
    )
    say(f"  stand-alone and incremental cost: {one.words}")
    if few := one.concentration:
        from apportion.run.explain import percent, rounded

        say(
            f"  concentration: HHI = Σ (charge ÷ all charges)² = {rounded(few.hhi, 4)}; "
            f"{few.top} carries {percent(few.share)} %"
        )
    if one.moves:
        receivers = list(one.moves[0].moves)
        table(
            "  what one percentage point more of a weight moves",
            ("driver", *receivers),
            [
                (move.driver, *(_money(move.moves[who], one.currency) for who in receivers))
                for move in one.moves
            ],
        )


def _words(one: Standing) -> str:
    if one.above_alone:
        return "above stand-alone"
    return "below incremental" if one.below_added else ""


def _money(value: Fraction, currency: str) -> str:
    from apportion.domain.money import minor_digits
    from apportion.run.explain import rounded

    return f"{rounded(value, minor_digits(currency)):,f}"
