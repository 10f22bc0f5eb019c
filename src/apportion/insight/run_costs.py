"""What a training run costs, an epoch and a step of it, and what runs that came to nothing cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from apportion.domain.usage import LOST
from apportion.insight.carried import TOKEN_METERS
from apportion.insight.join_runs import Joined, join_runs
from apportion.insight.trace_lines import Piece
from apportion.insight.unit_cost_values import Scope, UnitCost, cost_of
from apportion.model.project import Model
from apportion.run.usage_records import records_of
from apportion.run.workspace import Workspace

PER_RUN = "per run"
PER_SUCCESS = "per successful run"
PER_LOST = "per lost run"
PER_EPOCH = "per epoch"
PER_STEP = "per step"

_RUN = "cost carried for runs ÷ runs"
_SUCCESS = "cost carried for all runs, lost ones too ÷ runs that succeeded"
_LOST = "cost carried for runs that failed, were cancelled or preempted ÷ those runs"
_PROGRESS = "cost carried for the jobs of tracked runs ÷ {} of these runs"

_COUNTED = {"epochs": (PER_EPOCH, "epochs"), "steps": (PER_STEP, "steps")}
_JOBS = 100_000
"""More jobs than these aren't looked up one by one."""


def run_costs(scope: Scope) -> Iterator[UnitCost]:
    """Costs per run: of what has a run id and is no call of a model.

    Invariant: with `by` run, the costs per run sum to that of all runs, exactly.
    """
    for (currency, group), pieces in scope.grouped(lambda one: _is_run(scope, one)).items():
        runs = {_run(scope, one.key): scope.found.about(one.key, "Status") for one in pieces}
        cost, unit = cost_of(pieces), "runs"
        yield UnitCost(PER_RUN, _RUN, currency, cost, Fraction(len(runs)), unit, group=group)
        good = sum(1 for status in runs.values() if status == "success")
        yield UnitCost(PER_SUCCESS, _SUCCESS, currency, cost, Fraction(good), "successful runs",
                       group=group)  # fmt: skip
        lost = [one for one in pieces if scope.found.about(one.key, "Status") in LOST]
        failed = {_run(scope, one.key) for one in lost}
        if failed:
            yield UnitCost(PER_LOST, _LOST, currency, cost_of(lost), Fraction(len(failed)),
                           "lost runs", group=group)  # fmt: skip


def _is_run(scope: Scope, piece: Piece) -> bool:
    if not piece.key or piece.day is None or not scope.found.about(piece.key, "RunId"):
        return False
    meters = scope.found.quantities.get((piece.key, piece.day), {})
    is_call = scope.found.about(piece.key, "ModelId") or any(m in meters for m in TOKEN_METERS)
    return not is_call


def _run(scope: Scope, key: str) -> tuple[str, str]:
    return scope.found.about(key, "Source"), scope.found.about(key, "RunId")


def progress_costs(
    scope: Scope, workspace: Workspace, model: Model
) -> tuple[tuple[UnitCost, ...], Joined]:
    """Costs per epoch and step of runs that a tracker tells of, and which of these have no cost."""
    tracked = _tracked_keys(scope)
    costed: dict[str, list[Piece]] = defaultdict(list)
    for piece in scope.pieces:
        if _is_run(scope, piece) and piece.key not in tracked:
            costed[piece.key].append(piece)
    used = workspace.usage.usage(model, scope.found.run.period)
    if used is None or not tracked or len(costed) > _JOBS:
        return (), Joined({}, ())
    joined = join_runs(records_of(workspace, used, tracked), records_of(workspace, used, costed))
    return tuple(_progress(scope, joined, tracked, costed)), joined


def _tracked_keys(scope: Scope) -> dict[str, Mapping[str, Fraction]]:
    """Keys of runs that count epochs, steps or themselves, with all of the month's."""
    made: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for (key, _), meters in scope.found.quantities.items():
        if scope.found.about(key, "RunId"):
            for name in ("epochs", "steps", "runs"):
                if name in meters:
                    made[key][name] += meters[name]
    return dict(made)


def _progress(
    scope: Scope,
    joined: Joined,
    tracked: Mapping[str, Mapping[str, Fraction]],
    costed: Mapping[str, Iterable[Piece]],
) -> Iterator[UnitCost]:
    for meter, (measure, unit) in _COUNTED.items():
        counts: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
        jobs: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        for key, own in joined.jobs.items():
            if not tracked[key].get(meter):
                continue
            first = next(iter(costed[own[0]]))
            at = first.line.currency, scope.group(first)
            counts[at] += tracked[key][meter]
            jobs[at] |= dict.fromkeys(own)
        for (currency, group), count in sorted(counts.items()):
            held = jobs[currency, group]
            cost = cost_of(
                piece for job in held for piece in costed[job] if piece.line.currency == currency
            )
            yield UnitCost(measure, _PROGRESS.format(unit), currency, cost, count, unit,
                           group=group)  # fmt: skip
