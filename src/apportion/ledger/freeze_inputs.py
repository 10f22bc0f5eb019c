"""What a close freezes: the very settings, model, lists and rates that its run was made of.

Bills and usage need no freezing: they are snapshots, which never change.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING

from apportion.domain.rate import RateType
from apportion.domain.result import Run
from apportion.errors import PeriodClosed
from apportion.model.model_inputs import input_files, model_place
from apportion.price.catalogue import NAME as CATALOGUE
from apportion.price.ecb import days_before, ecb_rates
from apportion.store.books.run_inputs import InputFile
from apportion.version import __version__

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject

FACTS, ECB = "facts", "ecb"
"""Roles of what isn't a file of the project: versions, and the rates of the Central Bank."""


def freeze_inputs(project: OpenProject, run: Run) -> tuple[InputFile, ...]:
    """The files that a run rests on, as they are now, to be kept with it for good.

    Raises PeriodClosed where the model has changed since the run: what is frozen must be what
    the run was made of.
    """
    read = project.reread_model()
    if read.hash != run.model:
        raise PeriodClosed(
            f"the model has changed since run {run.id}",
            why="what is kept for good must be what the run was made of",
            hint=f"run again: `apportion run --period {run.period}`",
        )
    files = [
        InputFile(role, name, path.read_bytes())
        for role, name, path in input_files(project.settings)
    ]
    return (*files, *_made_up(project, run))


def _made_up(project: OpenProject, run: Run) -> Iterator[InputFile]:
    facts = {
        "version": __version__,
        "model": model_place(project.settings),
        "prices": installed(CATALOGUE),
    }
    yield InputFile(FACTS, "facts.json", json.dumps(facts, sort_keys=True).encode())
    spec = project.settings.rates
    if spec is not None and spec.ecb:
        yield InputFile(ECB, "ecb.json", json.dumps(list(_ecb(project, run))).encode())


def _ecb(project: OpenProject, run: Run) -> Iterator[tuple[str, ...]]:
    """The Central Bank's rates of the days that this run's rates may be chosen from."""
    spec = project.settings.rates
    assert spec is not None
    codes = {rate.currency for rate in run.rates} | {project.settings.currency}
    days = [quote.day for rate in run.rates for quote in rate.quotes]
    first, last = min([run.span.start, *days]), max([run.span.until, *days])
    span = days_before(type(run.span)(first, last + timedelta(days=1)), spec.last_known)
    for row in ecb_rates(codes, span, spec.place):
        assert row.type is RateType.DAILY
        yield row.currency, row.into, str(row.value), row.origin, str(row.day)


def installed(package: str) -> str:
    try:
        return version_of(package)
    except PackageNotFoundError:
        return ""
