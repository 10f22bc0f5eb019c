"""Runs that a tracker tells of, joined to the jobs that cost money.

A tracker (MLflow) knows epochs and steps, and no cost; a cluster knows what a job held, and
no epochs. A run is a job's by the id that it noted when it began, or by the same run id; else
by the same host at overlapping times, where only one job was there. What can't be joined is
told, never guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

NOTED = (
    "SLURM_JOB_ID",
    "slurm_job_id",
    "slurm.job_id",
    "SLURM_JOBID",
    "POD_UID",
    "pod_uid",
    "k8s.pod.uid",
    "POD_NAME",
    "k8s.pod.name",
    "DATABRICKS_JOB_RUN_ID",
    "mlflow.databricks.jobRunID",
    "job_arn",
    "TRAINING_JOB_ARN",
)
"""Attributes (tags of a run) in which training code notes the job that it runs in."""

OF_JOBS = ("pod_uid", "uid", "job_id", "job_run_id")
"""Attributes by which a job may be known besides its run id."""

HOSTS = ("host", "hostname", "HOSTNAME", "node", "node_list", "NodeList", "SLURMD_NODENAME")


@dataclass(frozen=True)
class Tracked:
    """A run of a tracker: by what its job is known, where and when it ran."""

    key: str
    run: str
    jobs: tuple[str, ...]
    hosts: frozenset[str]
    start: datetime
    end: datetime | None


@dataclass(frozen=True)
class Joined:
    """By key of a tracked run, the keys of the job that it ran in; and what has none, with why."""

    jobs: Mapping[str, tuple[str, ...]]
    unjoined: tuple[tuple[str, str], ...]


def join_runs(tracked: Iterable[Mapping[str, Any]], costed: Iterable[Mapping[str, Any]]) -> Joined:
    """Join records of runs to records of jobs; both as the usage desk gives them."""
    jobs = _Jobs(costed)
    made: dict[str, tuple[str, ...]] = {}
    without: list[tuple[str, str]] = []
    for one in _tracked(tracked):
        found, why = jobs.of(one)
        if found:
            made[one.key] = tuple(sorted({*made.get(one.key, ()), *found}))
        else:
            without.append((one.run, why))
    return Joined(made, tuple(dict.fromkeys(without)))


def _tracked(records: Iterable[Mapping[str, Any]]) -> Iterator[Tracked]:
    for row in records:
        about = row["Attributes"]
        noted = tuple(str(about[name]) for name in NOTED if about.get(name))
        yield Tracked(
            row["KeyId"],
            row.get("RunId") or row["UsageId"],
            noted,
            _hosts(row),
            row["UsageStart"],
            row.get("UsageEnd"),
        )


def _hosts(row: Mapping[str, Any]) -> frozenset[str]:
    """Names of hosts, without their domains; `gpu[01-04]` stays what it is."""
    about = row["Attributes"]
    said = [str(about[name]) for name in HOSTS if about.get(name)]
    if row.get("ResourceId"):
        said.append(str(row["ResourceId"]))
    names = {part.strip() for text in said for part in _listed(text)}
    return frozenset(name.partition(".")[0].casefold() for name in names if name)


def _listed(text: str) -> Iterator[str]:
    """The hosts of a list, as Slurm writes it: `gpu[01-03,07],login1`."""
    depth, part = 0, ""
    for sign in f"{text},":
        depth += (sign == "[") - (sign == "]")
        if sign == "," and not depth:
            yield from _expanded(part)
            part = ""
        else:
            part += sign


def _expanded(text: str) -> Iterator[str]:
    """The hosts that Slurm writes as one.

    >>> list(_expanded("gpu[01-03,07]"))
    ['gpu01', 'gpu02', 'gpu03', 'gpu07']
    """
    head, sign, rest = text.partition("[")
    if not sign:
        yield text
        return
    inside, _, tail = rest.partition("]")
    for part in inside.split(","):
        low, dash, high = part.partition("-")
        if dash and low.isdigit() and high.isdigit() and int(high) - int(low) < MOST_HOSTS:
            for number in range(int(low), int(high) + 1):
                yield f"{head}{number:0{len(low)}d}{tail}"
        else:
            yield f"{head}{part}{tail}"


MOST_HOSTS = 10_000


class _Jobs:
    """Jobs by the ids that they are known by, and by their hosts."""

    def __init__(self, records: Iterable[Mapping[str, Any]]) -> None:
        self.by_id: dict[str, set[str]] = defaultdict(set)
        self.by_host: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for row in records:
            about = row["Attributes"]
            ids = (row.get("RunId"), *(about.get(name) for name in OF_JOBS))
            for one in ids:
                if one:
                    self.by_id[str(one)].add(row["KeyId"])
            for host in _hosts(row):
                self.by_host[host].append(row)

    def of(self, run: Tracked) -> tuple[Sequence[str], str]:
        """The keys of a run's job; or why there is none."""
        for name in (*run.jobs, run.run):
            if found := self.by_id.get(name):
                return sorted(found), ""
        if run.jobs:
            return (), f"no job {', '.join(run.jobs)} has cost in the period"
        if not run.hosts:
            return (), "it noted neither a job nor a host"
        there = {
            str(row.get("RunId") or row["UsageId"]): row["KeyId"]
            for host in run.hosts
            for row in self.by_host.get(host, ())
            if _overlap(run, row)
        }
        if len(there) == 1:
            return list(there.values()), ""
        hosts = ", ".join(sorted(run.hosts))
        if there:
            return (), f"several jobs ran on {hosts} at the time: {', '.join(sorted(there))}"
        return (), f"no job ran on {hosts} at the time"


def _overlap(run: Tracked, row: Mapping[str, Any]) -> bool:
    """Whether both ran at some moment; what still runs has no end."""
    ends = row.get("UsageEnd")
    begun = run.end is None or row["UsageStart"] < run.end
    return bool(begun and (ends is None or run.start < ends))
