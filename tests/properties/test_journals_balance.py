"""Whatever teams carry, in any entity, currency and class: the journal balances and adds up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from apportion.allocate import allocate
from apportion.domain.journal import Assignment, JournalDocument, reversal
from apportion.domain.mode import Mode
from apportion.domain.owner import Evidence
from apportion.domain.period import Period
from apportion.domain.result import Attributed, ClassCost, Run
from apportion.ledger.draw_journal import draw_journal
from apportion.model.accounting import Account, Accounting, AccountKind, Entity, Posting, Sender
from apportion.model.dated import Dated
from apportion.model.organisation import OrgUnit
from apportion.model.pools import Method, Split
from apportion.model.project import Model
from apportion.publish.erp.split import split
from apportion.run.statement import draw_statements
from apportion.run.team_facts import team_facts
from companies import HERE, OCTOBER, charge, model, pool, same, team

TEAMS = ["ann", "bob", "cyd", "dan"]
ENTITIES = ["A", "B", "C"]
CURRENCIES = ["USD", "JPY", "KWD"]
CLASSES = ["", "gpu_compute", "people", "storage_hot"]
AMOUNTS = st.decimals(min_value=-1000, max_value=1000, places=6, allow_nan=False).map(Fraction)


def posting(
    position: int, account: str, pools: tuple[str, ...] = (), classes: tuple[str, ...] = ()
) -> Posting:
    return Posting(f"p{position}", position, account, HERE, pools=pools, classes=classes)


def unit(name: str, entity: str, mode: Mode) -> OrgUnit:
    return replace(
        team(name),
        entity=(Dated(entity),),
        cost_center=(Dated(f"CC-{name}"),),
        mode=(Dated(mode),),
    )


@st.composite
def months(draw: st.DrawFn) -> tuple[Run, Model]:
    """A run over teams of several entities, and a model that books by class."""
    modes = st.sampled_from([Mode.CHARGEBACK, Mode.CHARGEBACK, Mode.SHOWBACK])
    units = [unit(name, draw(st.sampled_from(ENTITIES)), draw(modes)) for name in TEAMS]
    rules = model(units, [pool("p", Split(Method.EVEN, HERE, among=tuple(TEAMS[:3])))])
    markup = Fraction(draw(st.integers(0, 1500)), 10000)
    sender = Sender("A", "CC-0", "R", HERE, "", "OWED", "OWES", markup, "M")
    accounts = {name: Account(name, name, AccountKind.EXPENSE, HERE) for name in "XYZRM"}
    accounting = Accounting(
        {name: Entity(name, name, name, HERE) for name in ENTITIES},
        accounts,
        (
            posting(0, "X", classes=("gpu_compute",)),
            posting(1, "Y", pools=("p",), classes=("people",)),
            posting(2, "Z"),
        ),
        (Dated(sender),),
    )
    rules = replace(rules, accounting=accounting)
    owners = st.sampled_from(["", *TEAMS, "pool:p"])
    charges: list[Attributed] = []
    classes: list[ClassCost] = []
    wanted = draw(st.dictionaries(st.tuples(owners, st.sampled_from(CURRENCIES)), st.none()))
    for owner, currency in sorted(wanted):
        parts = draw(st.dictionaries(st.sampled_from(CLASSES), AMOUNTS, min_size=1))
        whole = charge(owner, sum(parts.values(), Fraction(0)), currency=currency)
        charges.append(whole)
        told = ("aws", currency, whole.owner, "rule", Evidence.TAGGED, "EC2")
        classes += [ClassCost(*told, name, same(part)) for name, part in parts.items()]
    made = allocate(charges, rules, OCTOBER)
    return Run(
        id="0123456789",
        period=Period(2026, 10),
        span=OCTOBER,
        model="m",
        basis="EffectiveCost",
        snapshots=(),
        made_at=datetime.now(UTC),
        teams=team_facts(rules, OCTOBER),
        attributed=tuple(charges),
        shares=made.shares,
        lines=made.lines,
        proofs=(),
        classes=tuple(classes),
    ), rules


def units_on(documents: tuple[JournalDocument, ...], account: str) -> dict[tuple[str, str], int]:
    """By entity and currency, the signed units on an account."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for one in documents:
        for line in one.lines:
            if line.at.account == account:
                found[one.entity, one.currency] += line.signed
    return found


def charged(run: Run) -> dict[str, int]:
    """By currency, what statements say teams in chargeback carry, in minor units."""
    found: dict[str, int] = defaultdict(int)
    for statement in draw_statements(run, "USD"):
        for one in statement.teams:
            for line in one.lines:
                if line.mode == Mode.CHARGEBACK:
                    places = -int(line.amount.as_tuple().exponent)
                    found[statement.currency] += int(Fraction(line.amount) * 10**places)
    return found


@given(months())
def test_each_document_balances_and_there_is_one_for_an_entity_and_currency(
    month: tuple[Run, Model],
) -> None:
    journal = draw_journal(*month, "USD")
    assert journal.may_be_posted
    assert all(one.difference == 0 and len(one.lines) > 1 for one in journal.documents)
    keys = [(one.entity, one.currency) for one in journal.documents]
    assert len(keys) == len(set(keys))


@given(months())
def test_who_is_relieved_is_relieved_of_what_the_statements_charge(
    month: tuple[Run, Model],
) -> None:
    run, rules = month
    documents = draw_journal(run, rules, "USD").documents
    relieved = units_on(documents, "R")
    for currency, units in charged(run).items():
        assert -relieved["A", currency] == units
    costs: dict[str, int] = defaultdict(int)
    for account in "XYZ":
        for (_, currency), units in units_on(documents, account).items():
            costs[currency] += units
    marked_up = units_on(documents, "M")
    for currency in CURRENCIES:
        assert costs[currency] == charged(run)[currency] - marked_up["A", currency]


@given(months())
def test_what_one_entity_owes_another_is_owed(month: tuple[Run, Model]) -> None:
    documents = draw_journal(*month, "USD").documents
    owed: dict[tuple[str, str], int] = defaultdict(int)
    for one in documents:
        for line in one.lines:
            if line.at.account == "OWED":
                owed[line.at.partner, one.currency] += line.signed
    owes = units_on(documents, "OWES")
    assert {key: -units for key, units in owes.items() if units} == {
        key: units for key, units in owed.items() if units
    }


@given(months())
def test_a_reversal_leaves_nothing_on_any_assignment(month: tuple[Run, Model]) -> None:
    for one in draw_journal(*month, "USD").documents:
        back = reversal(one, one.period.next(), date(2026, 11, 1))
        left: dict[Assignment, int] = defaultdict(int)
        for line in (*one.lines, *back.lines):
            left[line.at] += line.signed
        assert not any(left.values())


@given(months(), st.integers(2, 4))
def test_parts_of_a_document_balance_and_sum_to_it(month: tuple[Run, Model], most: int) -> None:
    for one in draw_journal(*month, "USD").documents:
        parts = split(one, most)
        assert all(part.difference == 0 and len(part.lines) <= most for part in parts)
        sums: dict[Assignment, int] = defaultdict(int)
        for part in parts:
            for line in part.lines:
                sums[line.at] += line.signed
        whole: dict[Assignment, int] = defaultdict(int)
        for line in one.lines:
            whole[line.at] += line.signed
        assert {at: n for at, n in sums.items() if n} == dict(whole)


@given(months())
def test_the_order_of_rows_changes_nothing(month: tuple[Run, Model]) -> None:
    run, rules = month
    mixed = replace(
        run,
        lines=tuple(reversed(run.lines)),
        attributed=tuple(reversed(run.attributed)),
        classes=tuple(reversed(run.classes)),
        shares=tuple(reversed(run.shares)),
    )
    contents = [
        sorted(doc.content for doc in draw_journal(one, rules, "USD").documents)
        for one in (run, mixed)
    ]
    assert contents[0] == contents[1]
