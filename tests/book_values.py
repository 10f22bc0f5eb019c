"""Snapshots and runs for tests of the books: small ones by hand, and any that could be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from apportion.domain.amounts import Amounts
from apportion.domain.charge import COSTS
from apportion.domain.finding import Finding, Level
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.domain.period import Period, Span
from apportion.domain.rate import Quote, Rate, RateType
from apportion.domain.result import (
    Attributed,
    ClassCost,
    DriverUse,
    Line,
    LineKind,
    PoolShare,
    Proof,
    Run,
    TeamFacts,
)
from apportion.domain.snapshot import LakeFile, Quarantined, Snapshot, Totals, Unit
from apportion.errors import Place

OCTOBER = Period(2026, 10)
NOVEMBER = Period(2026, 11)
NOON = datetime(2026, 11, 3, 12, 0, 0, 250, tzinfo=UTC)
NLP = Owner(OwnerKind.TEAM, "nlp")


def unit(name: str, period: Period = OCTOBER, billed: str = "10.50") -> Unit:
    """What a file of ten rows brings, one of which was set aside."""
    amount = Decimal(billed)
    return Unit(
        id=f"unit-{name}",
        input=f"bills/{name}.csv",
        content=f"content-{name}",
        config="config-1",
        version="1.2",
        bases=("BilledCost", "EffectiveCost"),
        columns=("x_Project",),
        period=period,
        files=(
            LakeFile("keys", f"keys/aa/{name}.parquet", f"aa{name}", 3),
            LakeFile("daily", f"daily/bb/{name}.parquet", f"bb{name}", 9),
        ),
        totals=(
            Totals(
                currency="USD",
                read_rows=10,
                loaded_rows=9,
                quarantined_rows=1,
                read={"BilledCost": amount + 1, "EffectiveCost": amount},
                loaded={"BilledCost": amount, "EffectiveCost": amount},
                quarantined={"BilledCost": Decimal(1)},
                unread={"EffectiveCost": 1},
            ),
        ),
        quarantined=(
            Quarantined(
                f"bills/{name}.csv", 7, "EffectiveCost", "a comma", "a point", {"Tags": None}
            ),
        ),
        findings=(Finding("cost-unreadable", Level.ERROR, "'1,5' is no number"),),
    )


DOUBTS = (
    Finding("exports-differ", Level.WARNING, "one lacks a day", Place("a.csv"), "load anew", 2),
    Finding("overlapping-files", Level.WARNING, "both count"),
)


def snapshot(
    name: str, period: Period = OCTOBER, source: str = "aws", units: Iterable[Unit] = ()
) -> Snapshot:
    """A snapshot of the units given, or of one made for it."""
    return Snapshot(
        f"snapshot-{name}",
        source,
        period,
        tuple(units) or (unit(name, period),),
        NOON,
        findings=DOUBTS,
    )


def run(
    name: str,
    period: Period = OCTOBER,
    span: Span | None = None,
    snapshots: tuple[str, ...] = (),
    lines: int = 2,
) -> Run:
    """A run whose only team carries a few lines of a third each."""
    third = Amounts(Fraction(1, 3), Fraction(1, 3))
    return Run(
        id=f"run-{name}",
        period=period,
        span=span or period.span,
        model="model-1",
        basis="EffectiveCost",
        snapshots=snapshots,
        made_at=NOON,
        teams=(TeamFacts("nlp", "NLP", "CC-1", "assistant", "ai", Decimal("1200.00"), "USD"),),
        attributed=(
            Attributed("aws", "USD", NLP, "by tag", Evidence.TAGGED, "EC2", 9, third),
            Attributed("aws", "JPY", NLP, "by tag", Evidence.TAGGED, "EC2", 9, third, third),
        ),
        classes=(
            ClassCost("aws", "USD", NLP, "by tag", Evidence.TAGGED, "EC2", "gpu_compute", third),
        ),
        shares=(
            PoolShare(
                "lake",
                "USD",
                NLP,
                Fraction(1, 3),
                "weighted",
                (
                    DriverUse("storage_gb", "GB", Fraction(10), Fraction(30), Fraction(2, 5)),
                    DriverUse("requests", "", Fraction(1), Fraction(3), Fraction(3, 5)),
                ),
            ),
        ),
        lines=tuple(
            Line(f"line-{n}", "USD", NLP, LineKind.DIRECT, "", f"service {n}", third)
            for n in range(lines)
        ),
        proofs=(
            Proof(
                source="aws",
                currency="USD",
                basis="EffectiveCost",
                control=Decimal("0.67"),
                read=Decimal("0.67"),
                loaded=Decimal("0.67"),
                quarantined=Decimal(0),
                direct=Decimal("0.67"),
                shared=Decimal(0),
                idle=Decimal(0),
                unallocated=Decimal(0),
                other=Decimal(0),
                unread_rows=0,
                acknowledged=False,
            ),
        ),
        findings=(Finding("driver-missing", Level.WARNING, "kept", Place("model.yaml", 3)),),
        currency="EUR",
        rates=(
            Rate("aws", "USD", "EUR", RateType.INVOICE, None, missing="no invoice rate"),
            Rate(
                "aws",
                "JPY",
                "EUR",
                RateType.DAILY,
                None,
                (
                    Quote(OCTOBER.start, "JPY", "EUR", Fraction(1, 162), OCTOBER.start, "ecb"),
                    Quote(NOVEMBER.start, "JPY", "EUR", Fraction(1, 163), OCTOBER.start, "own"),
                ),
            ),
        ),
    )


# Any value that could be. Texts hold all that Python can: NUL, quotes, emoji, and the half
# surrogates that names of files have where they aren't UTF-8.
texts = st.text(st.characters(exclude_categories=()), max_size=8) | st.sampled_from(
    [
        "",
        "NULL",
        "n/d",
        "\x00",
        "\ue000",
        "\ue000\x00\ue001",
        "'; DROP TABLE runs; --",
        "\udc80.csv",
    ]
)
counts = st.integers(0, 2**62)
amounts = st.decimals(
    min_value=-(10**20), max_value=10**20, places=18, allow_nan=False, allow_infinity=False
) | st.sampled_from([Decimal("0.00"), Decimal("1E+3"), Decimal("-0")])
rationals = st.fractions() | st.builds(Fraction, st.integers(), st.integers(1, 10**60))
periods = st.builds(Period, st.integers(1990, 2100), st.integers(1, 12))
moments = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001 - a zone is given beside it
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]),
)
bases = st.sampled_from(COSTS)
owners = st.builds(Owner, st.sampled_from(OwnerKind), texts)
costs = st.builds(Amounts, rationals, rationals, rationals, rationals)
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
places = st.builds(Place, texts, st.none() | st.integers(1, 10**9), st.none() | st.integers(1, 99))
findings = st.builds(
    Finding, texts, st.sampled_from(Level), texts, st.none() | places, texts, counts
)


def tuples(values: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(values, max_size=3).map(tuple)


units = st.builds(
    Unit,
    id=texts,
    input=texts,
    content=texts,
    config=texts,
    version=texts,
    bases=tuples(bases),
    columns=tuples(texts),
    period=periods,
    files=tuples(st.builds(LakeFile, texts, texts, texts, counts)),
    totals=tuples(
        st.builds(
            Totals,
            texts,
            counts,
            counts,
            counts,
            read=st.dictionaries(bases, amounts),
            loaded=st.dictionaries(bases, amounts),
            quarantined=st.dictionaries(bases, amounts),
            unread=st.dictionaries(bases, counts),
        )
    ),
    quarantined=tuples(
        st.builds(
            Quarantined,
            texts,
            st.none() | counts,
            texts,
            texts,
            texts,
            st.dictionaries(texts, st.none() | texts, max_size=3),
        )
    ),
    findings=tuples(findings),
)
snapshots = st.builds(
    Snapshot,
    id=texts,
    source=texts,
    period=periods,
    # One without units is of a month that was emptied, which isn't current any more.
    units=st.lists(units, min_size=1, max_size=3, unique_by=lambda unit: unit.id).map(tuple),
    loaded_at=moments,
    current=st.just(True),
)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
    return Span(start, start + timedelta(days=draw(st.integers(1, 500))))


runs = st.builds(
    Run,
    id=texts,
    period=periods,
    span=spans(),
    model=texts,
    basis=texts,
    snapshots=st.just(()),
    made_at=moments,
    teams=tuples(
        st.builds(TeamFacts, texts, texts, texts, texts, texts, st.none() | amounts, texts)
    ),
    attributed=tuples(
        st.builds(
            Attributed,
            texts,
            texts,
            owners,
            texts,
            st.sampled_from(Evidence),
            texts,
            counts,
            costs,
            st.none() | costs,
        )
    ),
    shares=tuples(
        st.builds(
            PoolShare,
            texts,
            texts,
            owners,
            rationals,
            texts,
            tuples(st.builds(DriverUse, texts, texts, rationals, rationals, rationals)),
        )
    ),
    lines=tuples(
        st.builds(Line, texts, texts, owners, st.sampled_from(LineKind), texts, texts, costs)
    ),
    proofs=tuples(
        st.builds(
            Proof,
            texts,
            texts,
            texts,
            st.none() | amounts,
            *[amounts] * 8,
            counts,
            st.booleans(),
        )
    ),
    findings=tuples(findings),
    currency=texts,
    rates=tuples(
        st.builds(
            Rate,
            texts,
            texts,
            texts,
            st.sampled_from(RateType),
            st.none() | rationals,
            tuples(st.builds(Quote, days, texts, texts, rationals, days, texts)),
            texts,
        )
    ),
)
