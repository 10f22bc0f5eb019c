"""The road in Python: open a project, load, run, statement, reconcile.

Every step returns an Arrow table, which pandas and polars read as it is.
Amounts are decimal128; exact shares of cost, which may have no finite decimal,
are text of the rational.

>>> import apportion
>>> with apportion.open_project("my-project") as project:      # doctest: +SKIP
...     project.load()
...     project.run("2026-10")
...     project.statement("2026-10").to_pandas()
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from apportion.domain.cost_basis import basis_named
from apportion.domain.period import Period
from apportion.run.open_project import OpenProject

if TYPE_CHECKING:
    import pyarrow as pa


class Project(OpenProject):
    """An opened project folder; close it, or use it in a ``with`` block."""

    def load(self, sources: Sequence[str] | None = None) -> pa.Table:
        """Bring in the bills and the usage of all sources, or of those named.

        One row for each source, billing period, currency and cost basis, with
        the rows and the money read, loaded and quarantined; usage has no money, and no row
        here. Raises SourceError
        where a bill can't be read as a whole, LoadConflict where another load
        came first.
        """
        from apportion.publish.tables import load_table
        from apportion.run.bring_in import bring_in, bring_in_usage

        known = self.settings.usage
        bills = [one for one in sources if one not in known] if sources is not None else None
        used = [one for one in sources if one in known] if sources is not None else None
        loaded = bring_in(self, bills)
        bring_in_usage(self, used)
        return load_table(loaded)

    def run(self, period: str) -> pa.Table:
        """Evaluate the model on a billing period, save the run, and return its exact lines.

        Raises NotLoaded where the period has no charges, ConfigurationError
        where a pool can't be split.
        """
        from apportion.publish.tables import line_table
        from apportion.run.run_period import run_period

        return line_table(run_period(self, Period.parse(period)).run)

    def statement(
        self, period: str, team: str | None = None, *, basis: str = "", original: bool = False
    ) -> pa.Table:
        """The lines of the period's latest run, rounded so that they add up to the rounded bill.

        `basis` is billed, effective, list or contracted (or the FOCUS column); the
        project's own when left out. In the reporting currency where rates were
        set, unless the `original` currencies are asked for; what has no rate
        stays in its own.
        What is unallocated or kept in a pool stands in rows without a team.
        Raises NotLoaded where the period has no run or no such team, UsageError for
        what is no period (write "2026-10") and no basis.
        """
        from apportion.publish.tables import statement_table
        from apportion.run.saved import latest_run
        from apportion.run.statement import currencies, draw_statement, draw_statements

        found = latest_run(self.books, Period.parse(period))
        preferred, basis = self.settings.currency, basis_named(basis)
        if original:
            wanted = currencies(found, preferred)
            drawn = tuple(draw_statement(found, currency, basis=basis) for currency in wanted)
        else:
            drawn = draw_statements(found, preferred, basis=basis)
        return statement_table(drawn, team)

    def explain(self, period: str, team: str | None = None, line: str | None = None) -> pa.Table:
        """The explanation of a team's lines, or of one line by its id, as a tree of parts.

        One row for each part: `path` counts its way down the tree (1.2 is the second
        part of the first), `kind` is line, pool, loop, own or rule. The parts below a
        part sum to it exactly; `amount`, `share` and `of` are text of the rational.
        Without a team, what pools keep and nobody carries, or any line by its id.
        Raises NotLoaded where the period has no run, no such team, or no such line.
        """
        from apportion.publish.tables import explanation_table
        from apportion.run.explain import explain_all
        from apportion.run.said import Sayings
        from apportion.run.saved import run_to_explain
        from apportion.run.statement import currencies

        found = run_to_explain(self.books, Period.parse(period), team or "", line or "")
        wanted = currencies(found, self.settings.currency)
        explained = explain_all(found, wanted, team or "", line)
        return explanation_table(found, explained, Sayings.of(self, found))

    def reconcile(self, period: str) -> pa.Table:
        """The proofs of the period's latest run, one row per source, currency and cost basis."""
        from apportion.publish.tables import proof_table
        from apportion.run.reconcile import reconcile as draw_up
        from apportion.run.saved import latest_run

        found = latest_run(self.books, Period.parse(period))
        return proof_table(draw_up(self.settings, self.books, found))

    def forecast(
        self, period: str | None = None, months: int = 12, *, as_of: str | None = None
    ) -> pa.Table:
        """The running month's end and the months ahead: teams, pools, products, and everything.

        One row for each of them and each month, with intervals of 80 and 95 %; amounts are
        rounded estimates. Raises NotLoaded where nothing is loaded, UsageError without
        `apportion[forecast]`.
        """
        from apportion.insight.forecast.forecasts import Asked, find_forecasts
        from apportion.publish.insight_tables import forecast_table

        asked = Asked(
            months,
            Period.parse(period) if period else None,
            date.fromisoformat(as_of) if as_of else None,
        )
        return forecast_table(find_forecasts(self.workspace, self.model, asked))

    def anomalies(
        self,
        period: str | None = None,
        *,
        since: str | None = None,
        until: str | None = None,
        team: str = "",
    ) -> pa.Table:
        """What wasn't usual in a month, or since a day: one row for each, the dearest first.

        Raises NotLoaded where the days aren't loaded.
        """
        from apportion.insight.anomaly.anomalies import Watched, find_anomalies
        from apportion.publish.insight_tables import anomaly_table

        watched = Watched(
            Period.parse(period) if period else None,
            date.fromisoformat(since) if since else None,
            date.fromisoformat(until) if until else None,
            team,
        )
        return anomaly_table(find_anomalies(self.workspace, self.model, watched))

    def journal(self, period: str) -> pa.Table:
        """The journal of a period, one row for each line of its documents.

        What was booked where it is closed, else what its latest run would book.

        Amounts are signed, debits above zero; each document sums to zero. Raises UsageError
        with the reasons where it may not be posted: a line without an account, a team
        without a cost centre or entity.
        """
        from apportion.ledger.journal_of import journal_of, run_to_book
        from apportion.publish.erp.draw_files import refuse
        from apportion.publish.journal_table import journal_table

        asked = Period.parse(period)
        drawn = journal_of(self, asked, run_to_book(self, asked))
        refuse(drawn.findings)
        return journal_table(drawn)

    def write_journal(
        self, period: str, name: str, folder: str | Path, *, draft: bool = False
    ) -> tuple[Path, ...]:
        """Write the journal in the form of an ERP into a folder; the files that were written.

        Of an open period they hold what is booked alone; with `draft` what its run would book,
        too, and are named so.

        Raises UsageError for a format that isn't known, and with the reasons where the
        journal may not be posted or the ERP can't take it.
        """
        from apportion.ledger.journal_of import booked_journal, journal_of, run_to_book
        from apportion.publish.erp.draw_files import as_draft, draw_files, erp_settings, refuse
        from apportion.publish.erp.write_files import write_files

        settings = erp_settings(self.settings, self.model, name)
        asked = Period.parse(period)
        run = run_to_book(self, asked)
        is_open = not self.books.state(asked).is_closed
        firm = is_open and not draft
        journal = booked_journal(self, asked) if firm else journal_of(self, asked, run)
        drawn = draw_files(None if firm else run, self.model, journal, settings)
        refuse(drawn.findings)
        if is_open and draft:
            drawn = as_draft(drawn)
        return write_files(drawn.files, Path(folder)) if drawn.files else ()

    def bridge(self, period: str, source: str = "") -> pa.Table:
        """The bridge from a month's invoices to its statements, one row for each step.

        For each source and currency; raises UsageError for a source that isn't there,
        NotLoaded where neither charges nor invoices are.
        """
        from apportion.ledger.bridge import bridges
        from apportion.publish.bridge_table import bridge_table

        return bridge_table(bridges(self, Period.parse(period), source))

    def prepaid(self, period: str, months: int = 1) -> pa.Table:
        """What is prepaid: each commitment's opening, bought, amortised, unused and closing.

        For the last `months` months up to a period; raises NotLoaded where nothing is loaded.
        """
        from apportion.ledger.prepaid import prepaid
        from apportion.publish.bridge_table import prepaid_table

        return prepaid_table(prepaid(self, Period.parse(period), months).months)

    def budget_status(self, period: str, allowance: str = "apart") -> pa.Table:
        """A month, and its year so far, against the approved budget, one row for each owner.

        `allowance` says whether an innovation allowance is used `first`, or stands `apart`.
        Raises NotLoaded where no approved budget covers the month, or it has no run.
        """
        from apportion.insight.budget_status import AllowanceUse
        from apportion.insight.budget_status import budget_status as hold_against
        from apportion.publish.budget_table import status_table

        return status_table(hold_against(self, Period.parse(period), AllowanceUse(allowance)))

    def disputes(self, period: str = "") -> pa.Table:
        """The disputes of a period, or of all, closed ones too; those to be decided first."""
        from apportion.govern.disputes import list_disputes
        from apportion.publish.dispute_tables import dispute_table

        asked = Period.parse(period) if period else None
        return dispute_table(list_disputes(self, asked, ended=True))

    def adjustments(self, period: str = "") -> pa.Table:
        """The adjustments of a period, or of all, with the month in whose journal each stands."""
        from apportion.govern.adjustments import list_adjustments
        from apportion.publish.dispute_tables import adjustment_table

        asked = Period.parse(period) if period else None
        return adjustment_table(list_adjustments(self, asked, ended=True))

    def post(self, period: str, to: str, *, actor: str, reconcile: bool = False) -> pa.Table:
        """Post what isn't posted yet of a period to an ERP; a row for each posting, where it is.

        Credentials come from the environment. Call it again where a post broke off: nothing is
        sent twice. With `reconcile`, all of it is read back again.

        Raises PeriodClosed while the period isn't closed, UsageError where the ERP can't take
        it, ConfigurationError where settings or credentials are missing, NotAllowed for
        whoever prepared it, JournalConflict where another content was sent under an id.
        """
        from apportion.publish.erp.post.post_period import post as send
        from apportion.publish.posting_table import posting_table

        found = send(self, Period.parse(period), to, actor=actor, reconcile=reconcile)
        return posting_table(found.postings)

    def postings(self, period: str | None = None) -> pa.Table:
        """What ERPs were sent of a period, or of all: a row for each posting, where it is."""
        from apportion.publish.posting_table import posting_table
        from apportion.store.books.postings import read_postings

        with self.books.reading() as connection:
            found = read_postings(connection, Period.parse(period) if period else None)
        return posting_table(found)

    def write_statements(
        self,
        period: str,
        folder: str | Path,
        formats: Sequence[str] = ("pdf",),
        *,
        issue_as: str = "",
    ) -> tuple[Path, ...]:
        """Write the statements of all teams into a folder as pdf, xlsx or html; the files.

        They are drafts unless `issue_as` says who issues them. Raises NotLoaded where the period
        has no run, UsageError for a format that isn't known, PaperError where the extra for
        statements isn't installed, and where a run whose proof fails would be issued.
        """
        from apportion.publish.papers.facts import gather_facts
        from apportion.publish.papers.issue_papers import issue_papers
        from apportion.publish.papers.write_papers import write_papers

        facts = gather_facts(self, Period.parse(period))
        if issue_as:
            facts = issue_papers(self, facts, actor=issue_as)
        written = write_papers(facts, Path(folder), formats)
        return tuple(path for one in written for path in one.files)


def open_project(folder: str | Path = ".") -> Project:
    """Open a project folder.

    Raises ConfigurationError, with the place, where apportion.yaml is wrong.
    """
    return Project(folder)
