"""The rows of `sacct` as records: what each job held, and what it waited for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from apportion.domain.usage import ATTRIBUTES, USAGE_END, USAGE_ID, USAGE_START
from apportion.sources.usage.arrow_columns import attributes, blank_is_null, joined, places
from apportion.sources.usage.slurm_file import Block
from apportion.sources.usage.slurm_times import Instants, seconds_of, settle
from apportion.sources.usage.usage_rows import LINE, SCHEMA

STATUS = {
    "COMPLETED": "success",
    "FAILED": "failed",
    "TIMEOUT": "failed",
    "OUT_OF_MEMORY": "failed",
    "NODE_FAIL": "failed",
    "BOOT_FAIL": "failed",
    "LAUNCH_FAILED": "failed",
    "DEADLINE": "failed",
    "CANCELLED": "cancelled",
    "PREEMPTED": "preempted",
    "REQUEUED": "preempted",
    "RUNNING": "running",
    "SUSPENDED": "running",
    "COMPLETING": "running",
    "CONFIGURING": "running",
}
"""A run that was requeued is lost as one that was preempted is. What isn't listed, say RESIZING,
has no status of ours; the state itself is an attribute."""

IDENTITIES = {"UserId": "User", "AccountId": "Account", "ProjectId": "WCKey"}

NAMED = {
    "job_name": "JobName",
    "partition": "Partition",
    "qos": "QOS",
    "cluster": "Cluster",
    "state": "State",
    "node_list": "NodeList",
    "exit_code": "ExitCode",
    "reservation": "Reservation",
    "group": "Group",
    "comment": "Comment",
}

_MICROSECONDS = pa.timestamp("us")


@dataclass(frozen=True)
class Resources:
    """A column of TRES: its levels, its types of GPU, and where it can't be read."""

    levels: Mapping[str, Any]
    kinds: Any
    wrong: Any


class JobRows:
    """The rows of a block as records."""

    def __init__(
        self, block: Block, times: Mapping[str, Instants], tres: Mapping[str, Resources]
    ) -> None:
        self.said, self.times, self.tres = block.columns, times, tres
        self.lines = pa.array(block.lines)
        self.id = self.said["JobIDRaw" if "JobIDRaw" in self.said else "JobID"]
        self.steps = pc.match_substring(self.id, ".")
        self.suspended = self._suspended()
        self.start, self.end = settle(times["Start"], times["End"], self._took())
        if "Suspended" not in self.said:
            self.suspended = self._not_running()
        held = pc.not_equal(self.said["AllocTRES"], "")
        self.began = pc.and_(pc.is_valid(self.start), held)

    def ran(self) -> pa.Table:
        """What each job held."""
        alloc, req = self.tres["AllocTRES"], self.tres.get("ReqTRES")
        columns = {
            USAGE_ID: joined([*self._known(), _text(self.start)]),
            USAGE_START: self.start.cast(_MICROSECONDS),
            USAGE_END: self.end.cast(_MICROSECONDS),
            **self._who(),
            "Status": self._status(),
            **{name: self._mean(level) for name, level in alloc.levels.items()},
        }
        if req is not None:
            requested = {f"{name}_requested": level for name, level in req.levels.items()}
            columns |= {name: self._mean(level) for name, level in requested.items()}
        if "ConsumedEnergyRaw" in self.said:
            columns["energy_wh"] = self._energy()
        columns[ATTRIBUTES] = self._attributes(alloc.kinds)
        return pa.table({**columns, LINE: self.lines})

    def waited(self) -> pa.Table:
        """What each job waited for; `queued` says which did."""
        since = self.times.get("Eligible", self.times["Submit"])
        name = self.said.get("JobID", self.id)
        known = [self._cluster(), name, _text(self.times["Submit"].first), "pending"]
        columns = {
            USAGE_ID: joined(known),
            USAGE_START: since.first.cast(_MICROSECONDS),
            USAGE_END: self._waited_until().cast(_MICROSECONDS),
            **self._who(),
            "gpus_pending": self.tres["ReqTRES"].levels["gpus"],
            ATTRIBUTES: self._attributes(self.tres["ReqTRES"].kinds),
        }
        return pa.table({**columns, LINE: self.lines})

    @property
    def queued(self) -> Any:
        """Jobs that asked for GPUs and had to wait; a row of several waiting tasks is none."""
        since = self.times.get("Eligible", self.times["Submit"]).first
        until = self._waited_until()
        waits = pc.fill_null(pc.greater(until, since), True)
        asked = pc.fill_null(pc.greater(self.tres["ReqTRES"].levels["gpus"], 0), False)
        several = pc.match_substring(self.said.get("JobID", self.id), "[")
        return pc.and_not(pc.and_(pc.and_(waits, asked), pc.is_valid(since)), several)

    def _waited_until(self) -> Any:
        return pc.if_else(self.began, self.start, self.end)

    def _known(self) -> list[Any]:
        submit = self.times.get("Submit")
        return [self._cluster(), self.id, "" if submit is None else _text(submit.first)]

    def _cluster(self) -> Any:
        return self.said.get("Cluster", "")

    def _who(self) -> dict[str, Any]:
        who = {name: self.said[one] for name, one in IDENTITIES.items() if one in self.said}
        shown = {name: blank_is_null(column) for name, column in who.items()}
        return {"RunId": self.id, **shown, "ProviderName": pa.repeat("Slurm", len(self.id))}

    def _status(self) -> Any:
        coded = self.said["State"].dictionary_encode()
        words = [text.split(" ")[0].rstrip("+").upper() for text in coded.dictionary.to_pylist()]
        return pa.array([STATUS.get(word) for word in words], pa.string()).take(coded.indices)

    def _attributes(self, kinds: Any) -> Any:
        columns = {name: self.said[one] for name, one in NAMED.items() if one in self.said}
        if "JobID" in self.said:
            same = pc.equal(self.said["JobID"], self.id)
            columns["job_id"] = pc.if_else(same, "", self.said["JobID"])
        return attributes({**columns, "gpu_type": kinds}, len(self.id))

    def _suspended(self) -> Any:
        if "Suspended" not in self.said:
            return pa.repeat(0, len(self.id))
        coded = self.said["Suspended"].dictionary_encode()
        seconds = [seconds_of(text) or 0 for text in coded.dictionary.to_pylist()]
        return pa.array(seconds, pa.int64()).take(coded.indices)

    def _not_running(self) -> Any:
        """The seconds from start to end of which ElapsedRaw doesn't tell."""
        took = self._took()
        whole = pc.subtract(self.end.cast(pa.int64()), self.start.cast(pa.int64()))
        return pc.max_element_wise(pc.fill_null(pc.subtract(whole, took), 0), 0)

    def _took(self) -> Any:
        if "ElapsedRaw" not in self.said:
            return pa.nulls(len(self.id), pa.int64())
        return pc.add(_whole(self.said["ElapsedRaw"]), self.suspended)

    def _mean(self, level: Any) -> Any:
        """A level, less where the job was suspended for some of its time."""
        at = places(pc.and_(pc.greater(self.suspended, 0), pc.is_valid(self.end)))
        held = level.to_pylist() if at else []
        for one in at:
            if held[one] is not None:
                whole = Fraction((self.end[one].as_py() - self.start[one].as_py()).total_seconds())
                part = max(whole - self.suspended[one].as_py(), Fraction(0))
                share = part / whole if whole > 0 else Fraction(1)
                held[one] = _placed(Fraction(held[one]) * share)
        return pa.array(held, level.type) if at else level

    def _energy(self) -> Any:
        """Joules as watt-hours; zero stands for "not measured", as do Slurm's marks for that."""
        joules = _whole(self.said["ConsumedEnergyRaw"])
        wh: list[Decimal | None] = [None] * len(joules)
        for one in places(pc.fill_null(pc.greater(joules, 0), False)):
            wh[one] = _placed(Fraction(joules[one].as_py(), 3600))
        return pa.array(wh, SCHEMA["energy_wh"])


def _placed(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("1E-12"))


def _text(times: Any) -> Any:
    return times.cast(pa.string())


def _whole(texts: Any) -> Any:
    """Whole numbers of at most 18 digits; null for what is none."""
    digits = pc.match_substring_regex(texts, "^[0-9]{1,18}$")
    return pc.if_else(digits, texts, pa.scalar(None, pa.string())).cast(pa.int64())
