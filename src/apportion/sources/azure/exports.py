"""Which files of an Azure source count, and which cost each of them carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from apportion.errors import Place, SourceError
from apportion.model.project import SourceSpec
from apportion.sources.aws.manifest import find_delivered
from apportion.sources.azure.costs import ACTUAL, AMORTIZED
from apportion.sources.azure.evidence import settle_cost
from apportion.sources.azure.manifest import MANIFEST, Run, newest_runs, read_run
from apportion.sources.files import InputFile, find_files, matches, named

_COST_OF = {"actualcost": ACTUAL, "usage": ACTUAL, "amortizedcost": AMORTIZED}
_FOCUS = "focuscost"
_NO_BILLS = (
    "pricesheet",
    "reservationdetails",
    "reservationrecommendations",
    "reservationtransactions",
)
"""Exports that may lie beside bills, and hold no charges."""


def find_azure(spec: SourceSpec, root: Path) -> tuple[InputFile, ...]:
    """The files of a native source, each with the cost that it carries.

    A manifest says that of its run; `cost` of the source says it of all others;
    else it is told from their rows. Raises SourceError where actual and
    amortised exports would be taken for one, or a run isn't whole.
    """
    if not spec.amortized:
        return settle_cost(_exported(spec, root, _COST_OF), spec)
    actual = settle_cost(_exported(spec, root, _COST_OF), replace(spec, cost=ACTUAL))
    beside = replace(spec, path=spec.amortized, cost=AMORTIZED)
    amortized = settle_cost(_exported(beside, root, _COST_OF), beside)
    both = {file.path.resolve() for file in actual} & {file.path.resolve() for file in amortized}
    if both:
        raise SourceError(
            f"source {spec.name!r}: `path` and `amortized` both take {min(both).name}",
            place=spec.place,
            why="the actual export and the amortised one are different files",
            hint="let each name a folder of its own",
        )
    return (*actual, *amortized)


def find_focus(spec: SourceSpec, root: Path) -> tuple[InputFile, ...]:
    """The files of a FOCUS source; where it is delivered by manifest, those that count.

    Of Azure's exports these are the newest runs, of AWS's what current manifests name.
    """
    if any(next(match.rglob(MANIFEST), None) for match in matches(root, spec.path)):
        return _exported(spec, root, {_FOCUS: ""})
    return find_delivered(spec, root)


def _exported(spec: SourceSpec, root: Path, costs: dict[str, str]) -> tuple[InputFile, ...]:
    """The parts of the newest runs, and the files that no manifest speaks for."""
    files = find_files(spec, root)
    runs = _runs(spec, root, files)
    if not runs:
        return files
    folders = {run.manifest.path.parent for run in runs}
    loose = [file for file in files if file.path.parent not in folders]
    bills = [run for run in runs if run.kind.lower() not in _NO_BILLS]
    for run in bills:
        if run.kind.lower() not in costs:
            raise _other_kind(run, spec)
    parts = [
        replace(part, cost=costs[run.kind.lower()])
        for run in newest_runs(bills)
        for part in run.parts()
    ]
    return tuple(sorted([*loose, *parts], key=lambda file: file.name))


def _runs(spec: SourceSpec, root: Path, files: Sequence[InputFile]) -> list[Run]:
    """The runs whose manifests lie beside files, or in the folder that the source names."""
    manifests = {file.path.parent / MANIFEST for file in files}
    for match in matches(root, spec.path):
        manifests |= set(match.rglob(MANIFEST))
    there = sorted(named(path, root) for path in manifests if path.is_file())
    return [run for run in map(read_run, there) if run]


def _other_kind(run: Run, spec: SourceSpec) -> SourceError:
    is_focus = run.kind.lower() == _FOCUS
    return SourceError(
        f"an export of type {run.kind or '(none)'} is no {spec.format} bill",
        place=Place(run.manifest.name),
        hint="declare `format: focus`"
        if is_focus
        else "declare `format: azure`, or let `path` leave it out",
    )
