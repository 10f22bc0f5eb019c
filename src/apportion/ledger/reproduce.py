"""Evaluate a closed month again from what was frozen with it, beside what the books hold of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from apportion.domain.journal import JournalDocument
from apportion.domain.period import Period
from apportion.domain.rate import RateType
from apportion.domain.restatement import View
from apportion.domain.result import Run
from apportion.errors import NotLoaded
from apportion.ledger.draw_correction import draw_correction
from apportion.ledger.draw_journal import draw_journal
from apportion.ledger.freeze_inputs import ECB, FACTS, installed
from apportion.ledger.true_up import as_posted
from apportion.ledger.views import (
    booked_of,
    closing_run,
    issued_of,
    restatements_of,
    standing_run,
)
from apportion.model.model_inputs import LIST, MODEL
from apportion.model.project import Model, Project
from apportion.model.rates import RateRow
from apportion.model.read_model import read_model
from apportion.model.read_project import read_project
from apportion.price.catalogue import NAME as CATALOGUE
from apportion.run.approved_budgets import with_approved_budgets
from apportion.run.convert_run import Conversion
from apportion.run.evaluate import evaluate, run_id
from apportion.run.frozen_workspace import FrozenWorkspace
from apportion.store.books.run_inputs import InputFile, read_inputs

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Reproduction:
    """A month as the books hold it, and as evaluated again from what was frozen with it.

    `files` is how many files were frozen. `differs` says which of the program and the list
    prices are others by now: where bytes differ, that is where to look.
    """

    period: Period
    view: View
    held: Run
    held_journal: tuple[JournalDocument, ...]
    made: Run
    made_journal: tuple[JournalDocument, ...]
    currency: str
    files: int
    differs: tuple[str, ...]


@dataclass(frozen=True)
class _Again:
    """One run, evaluated again: the run, its model, and the journal that it would book."""

    run: Run
    model: Model
    journal: tuple[JournalDocument, ...]
    files: int
    differs: tuple[str, ...]


def reproduce(project: OpenProject, period: Period, view: View = View.AS_ISSUED) -> Reproduction:
    """Evaluate a closed month from its frozen snapshots, model, prices, rates and organisation.

    Today's bills and model are not looked at. As restated, each correction is drawn again, too.
    Raises PeriodClosed where the month isn't closed, NotLoaded where it was closed before
    anything was frozen.
    """
    again = _evaluated(project, period, closing_run(project, period))
    made = list(as_posted(project, period, again.journal))
    held = issued_of(project, period)
    restated = restatements_of(project, period) if view is View.AS_RESTATED else ()
    if view is View.AS_RESTATED:
        held = booked_of(project, period)
        redrawn = {one.run for one in restated}
        others = [one for one in held if one.kind != "chargeback" and one.run not in redrawn]
    for one in restated:
        again = _evaluated(project, period, one.run)
        made += draw_correction(again.model, one.into, again.run, again.journal, made)
    if view is View.AS_RESTATED:
        made += others
    return Reproduction(
        period,
        view,
        standing_run(project, period, view),
        _in_order(held),
        again.run,
        _in_order(made),
        project.settings.currency,
        again.files,
        again.differs,
    )


def _in_order(documents: Iterable[JournalDocument]) -> tuple[JournalDocument, ...]:
    return tuple(sorted(documents, key=lambda one: one.id))


def _evaluated(project: OpenProject, period: Period, run: str) -> _Again:
    with project.books.reading() as connection:
        files = read_inputs(connection, run)
    if not files:
        raise NotLoaded(
            f"nothing was frozen with run {run} of {period}",
            why="an older version of apportion closed it",
            hint="its statement and journal stand in the books all the same",
        )
    facts = _facts(files)
    held = project.books.run_by_id(run, ())
    with _laid_out(project.settings, files, facts) as settings:
        model = read_model(settings)
        workspace = FrozenWorkspace(project.workspace, settings, held.snapshots)
        made = evaluate(workspace, model, period)
        # Another version of the program gives another id to the same inputs.
        conversion = Conversion((), made.currency, made.rates)
        version = facts["version"]
        name = run_id(workspace, model, made.span, made.snapshots, conversion, version)
        made = with_approved_budgets(project.books, replace(made, id=name))
        drawn = draw_journal(made, model, settings.currency).documents
    return _Again(made, model, drawn, len(files), tuple(_differs(facts)))


def frozen_model(project: OpenProject, run: str) -> Model | None:
    """The model that was frozen with a run of a closed month; None where nothing was."""
    with project.books.reading() as connection:
        files = read_inputs(connection, run)
    if not files:
        return None
    with _laid_out(project.settings, files, _facts(files)) as settings:
        return read_model(settings)


def _facts(files: tuple[InputFile, ...]) -> Mapping[str, str]:
    (facts,) = (one for one in files if one.role == FACTS)
    return {str(name): str(value) for name, value in json.loads(facts.content).items()}


def _differs(facts: Mapping[str, str]) -> Iterator[str]:
    from apportion.version import __version__

    if facts["version"] != __version__:
        yield f"apportion {facts['version']} then, {__version__} now"
    if facts["prices"] != (now := installed(CATALOGUE)):
        yield f"{CATALOGUE} {facts['prices'] or 'absent'} then, {now or 'absent'} now"


@contextmanager
def _laid_out(
    now: Project, files: tuple[InputFile, ...], facts: Mapping[str, str]
) -> Iterator[Project]:
    """The project as it was, in a folder of its own; books, lake and engine are those of now."""
    with TemporaryDirectory(prefix="apportion-") as made:
        root = Path(made).resolve() / "project"
        folder = root / facts["model"] if facts["model"] else root.parent / "model"
        for one in files:
            if one.role in {FACTS, ECB}:
                continue
            home = folder if one.role in {MODEL, LIST} else root
            path = (home / PurePosixPath(one.name)).resolve()
            if path.is_relative_to(root.parent):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(one.content)
        settings = read_project(root)
        rates = settings.rates
        ecb = next((one for one in files if one.role == ECB), None)
        if rates is not None and ecb is not None:
            rates = replace(rates, held=tuple(_rate_rows(ecb)))
        yield replace(
            settings,
            model_folder=folder,
            lake=now.lake,
            books=now.books,
            engine=now.engine,
            engine_address=now.engine_address,
            rates=rates,
        )


def _rate_rows(file: InputFile) -> Iterator[RateRow]:
    for currency, into, value, origin, day in json.loads(file.content):
        yield RateRow(
            currency, into, Fraction(value), RateType.DAILY, origin, date.fromisoformat(day)
        )
