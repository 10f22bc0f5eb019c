"""apportion policy: what is demanded of the allocation, and whether it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, period_of, state_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apportion.govern.judged import Judged

policy_app = typer.Typer(
    no_args_is_help=True, help="Policies of governance: what is demanded, and whether it is kept."
)


def register(app: typer.Typer) -> None:
    app.add_typer(policy_app, name="policy")


@policy_app.command()
def check(
    context: typer.Context,
    period: Annotated[
        str,
        typer.Option(
            "--period", metavar="YYYY-MM", help="The billing period; the last that has a run."
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Hold the policies against the model and a period's run; exits with 1 where one fails.

    Coverage, tags, idle capacity and evidence are those of the period's run; exemptions, reviews
    and reasons those of the model as it is today.
    """
    from apportion.cli.console import findings, print_json, say, some
    from apportion.govern.check_policies import check_policies
    from apportion.publish.policy_document import judged_document

    with state_of(context).open() as project:
        found = check_policies(project, period_of(period) if period else None)
    broken = sum(not one.kept for one in found)
    fails = any(one.fails for one in found)
    if as_json:
        document = {"period": period or None, "ok": not fails}
        print_json(document | {"policies": [judged_document(one) for one in found]})
    elif not found:
        say("the model has no policies of governance")
    else:
        findings([finding for one in found for finding in one.findings])
        _print(found)
        say(f"{some(len(found), 'policy').replace('policys', 'policies')}, {broken} broken")
    if fails:
        raise typer.Exit(1)


def _print(found: Sequence[Judged]) -> None:
    from apportion.cli.console import table

    rows = [(one.policy.name, str(one.policy.check), _figures(one), _state(one)) for one in found]
    table("", ("policy", "checks", "is", ""), rows, left=4)


def _figures(one: Judged) -> str:
    return ", ".join(
        "n/a" if figure.percent is None else f"{figure.percent:f} % ({figure.currency})"
        for figure in one.figures
    )


def _state(one: Judged) -> str:
    if not one.looked:
        return "run again" if one.findings else "no run yet"
    if one.fails:
        return "broken"
    return "kept" if one.kept else "broken, a warning"


@policy_app.command("list")
def list_(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the policies: what each demands, who answers for it, and why."""
    from apportion.cli.console import print_json, say, table
    from apportion.publish.policy_document import demand, policy_document

    with state_of(context).open() as project:
        found = project.model.governance
    if as_json:
        print_json({"policies": [policy_document(one) for one in found]})
    elif found:
        heads = ("policy", "demands", "from", "until", "answers", "because")
        rows = [
            (
                one.name,
                demand(one),
                str(one.valid.start or ""),
                str(one.valid.until or ""),
                one.responsible,
                one.because,
            )
            for one in found
        ]
        table("", heads, rows, left=len(heads))
    else:
        say("the model has no policies of governance")


@policy_app.command()
def export(
    context: typer.Context,
    to: Annotated[str, typer.Option("--to", metavar="TOOL", help="custodian or rego.")],
    resource: Annotated[
        list[str] | None,
        typer.Option(
            "--resource",
            metavar="KIND",
            help="For custodian: the kind of resource, say aws.s3; may be given again. aws.ec2 "
            "when left out.",
        ),
    ] = None,
) -> None:
    """Print the required tags as a policy for Cloud Custodian or Open Policy Agent."""
    from apportion.govern.export_policies import export_policies

    with state_of(context).open() as project:
        text = export_policies(project.model, to, resource or ())
    typer.echo(text, nl=False)
