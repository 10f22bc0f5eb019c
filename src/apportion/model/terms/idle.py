"""Capacity, and who carries the part of it that nobody used."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.model import marked_yaml as y
from apportion.model.forms import AMOUNT, BECAUSE, NAME
from apportion.model.shape import Choice, Either, Form, Key
from apportion.model.terms.per_period import Per, PerPeriod
from apportion.model.values import as_quantity, text_of

if TYPE_CHECKING:
    from apportion.model.read_pools import PoolReading


class IdleTo(StrEnum):
    """Who carries idle capacity: who reserved it, nobody in particular, by quota, or by use."""

    RESERVER = "reserver"
    CENTRAL = "central"
    QUOTA = "quota"
    USE = "use"


@dataclass(frozen=True)
class Idle:
    """A policy on idle capacity. `account` is the team of the central account; empty: the pool."""

    to: IdleTo = IdleTo.CENTRAL
    quota: str = ""
    account: str = ""
    because: str = ""


@dataclass(frozen=True)
class Capacity:
    """What can be used, and what becomes of the rest.

    `practical` is stated, or else the sum of what is `reserved`, a driver.
    """

    practical: PerPeriod | None = None
    reserved: str = ""
    idle: Idle = Idle()

    @property
    def driver_names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.reserved, self.idle.quota) if name)

    @property
    def accounts(self) -> tuple[str, ...]:
        return (self.idle.account,) if self.idle.account else ()


_POLICY = Choice(tuple(IdleTo), "a policy on idle capacity")
IDLE_FORM = Form(
    "an idle policy",
    {
        "to": Key(_POLICY, "reserver, central, quota or use.", needed=True),
        "quota": Key(NAME, "For quota: the driver that says how much each may use."),
        "account": Key(NAME, "The team whose account carries what is central; else the pool."),
        "because": BECAUSE,
    },
)
CAPACITY_KEYS = {
    "capacity": Key(AMOUNT, "Practical capacity: what can really be used in a month."),
    "per": Key(Choice(tuple(Per), "month or day"), "What `capacity` is for, if not for a month."),
    "reserved": Key(NAME, "The driver that says how much of the capacity each team reserved."),
    "idle": Key(
        Either(
            scalar=_POLICY,
            mapping=IDLE_FORM,
            expected="reserver, central, quota, use, or a mapping that says more",
        ),
        "Who carries capacity that wasn't used.",
    ),
}


def read_capacity(node: y.Mapping, reading: PoolReading) -> Capacity:
    """The capacity of a split, and the policy on what is idle."""
    faults = reading.faults
    stated, reserved = node.entries.get("capacity"), node.entries.get("reserved")
    practical = None
    if isinstance(stated, y.Scalar):
        figure = Fraction(as_quantity(stated.text))
        practical = PerPeriod(figure, Per(text_of(node, "per") or Per.MONTH))
        if not figure:
            faults.add(stated, "a capacity of 0 serves nobody", hint="say what can be used")
    elif reserved is None:
        faults.add(
            node,
            "a split by capacity needs `capacity` or `reserved`",
            hint="add `capacity: …`, or `reserved: DRIVER` with what each team reserved",
        )
    elif "per" in node.entries:
        faults.add(
            node.keys["per"],
            "`per` has no meaning without `capacity`",
            hint="the rows of a driver say themselves what they are for",
        )
    if isinstance(reserved, y.Scalar):
        reading.drivers.knows(reserved.text, reserved, faults)
    return Capacity(practical, text_of(node, "reserved"), _idle(node, reserved, reading))


def _idle(node: y.Mapping, reserved: y.Node | None, reading: PoolReading) -> Idle:
    stated, faults = node.entries.get("idle"), reading.faults
    if stated is None:
        return Idle(IdleTo.RESERVER if reserved else IdleTo.CENTRAL)
    if isinstance(stated, y.Scalar):
        made = Idle(IdleTo(stated.text))
    else:
        assert isinstance(stated, y.Mapping)
        texts = (text_of(stated, key) for key in ("quota", "account", "because"))
        made = Idle(IdleTo(text_of(stated, "to")), *texts)
        _check(stated, made, reading)
    if made.to is IdleTo.RESERVER and reserved is None:
        faults.add(
            stated,
            "nobody is known to have reserved anything",
            why="idle capacity goes to its reserver, and the split has no `reserved`",
            hint="add `reserved: DRIVER`, or say `idle: central`",
        )
    if made.to is IdleTo.QUOTA and not made.quota:
        faults.add(stated, "idle by quota needs a `quota`", hint="name the driver of quotas")
    return made


def _check(node: y.Mapping, idle: Idle, reading: PoolReading) -> None:
    faults = reading.faults
    quota, account = node.entries.get("quota"), node.entries.get("account")
    if isinstance(quota, y.Scalar):
        reading.drivers.knows(quota.text, quota, faults)
        if idle.to is not IdleTo.QUOTA:
            faults.add(quota, f"`quota` has no meaning for idle to {idle.to}", hint="leave it out")
    if isinstance(account, y.Scalar):
        reading.teams.knows(account.text, account, faults)
        if idle.to not in {IdleTo.CENTRAL, IdleTo.RESERVER}:
            faults.add(
                account, f"`account` has no meaning for idle to {idle.to}", hint="leave it out"
            )
