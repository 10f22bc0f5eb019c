"""The tables of the books. Each table and column is described in docs/reference/books.md.

A change here goes with a migration (``apportion/store/migrations``); a test
compares the two on both databases. One module holds the tables of one subject.
"""

from __future__ import annotations

from apportion.store.books.schema.booked import (
    journal_documents,
    journal_lines,
    journal_seals,
    period_states,
)
from apportion.store.books.schema.columns import metadata
from apportion.store.books.schema.disputed import (
    adjustment_steps,
    adjustments,
    dispute_steps,
    disputes,
)
from apportion.store.books.schema.governed import (
    approval_decisions,
    approval_requests,
    approval_uses,
    model_changes,
    model_reviews,
    role_changes,
)
from apportion.store.books.schema.invoiced import invoice_states, invoices, prepaid_openings
from apportion.store.books.schema.issued import statement_issues
from apportion.store.books.schema.lived import (
    accrual_parts,
    accruals,
    kept_files,
    reopenings,
    restatements,
    review_answers,
    review_windows,
    run_inputs,
)
from apportion.store.books.schema.loaded import (
    acknowledgements,
    final_periods,
    findings,
    pointers,
    quarantined,
    snapshot_findings,
    snapshot_units,
    snapshots,
    unit_amounts,
    unit_files,
    unit_totals,
    units,
)
from apportion.store.books.schema.made import (
    run_attributed,
    run_classes,
    run_driver_uses,
    run_findings,
    run_lines,
    run_pointers,
    run_proofs,
    run_rate_quotes,
    run_rates,
    run_shares,
    run_snapshots,
    run_teams,
    runs,
    shadow_runs,
)
from apportion.store.books.schema.planned import (
    budget_lines,
    budget_steps,
    budgets,
    forecast_lines,
    forecasts,
)
from apportion.store.books.schema.posted import posting_attempts, postings
from apportion.store.books.schema.said import audit_log, comments, people
from apportion.store.books.schema.watched import anomaly_states

REVISION = "0019"
"""The migration that these tables correspond to."""

VERSION_TABLE = "books_version"

__all__ = [
    "REVISION",
    "VERSION_TABLE",
    "accrual_parts",
    "accruals",
    "acknowledgements",
    "adjustment_steps",
    "adjustments",
    "anomaly_states",
    "approval_decisions",
    "approval_requests",
    "approval_uses",
    "audit_log",
    "budget_lines",
    "budget_steps",
    "budgets",
    "comments",
    "dispute_steps",
    "disputes",
    "final_periods",
    "findings",
    "forecast_lines",
    "forecasts",
    "invoice_states",
    "invoices",
    "journal_documents",
    "journal_lines",
    "journal_seals",
    "kept_files",
    "metadata",
    "model_changes",
    "model_reviews",
    "people",
    "period_states",
    "pointers",
    "posting_attempts",
    "postings",
    "prepaid_openings",
    "quarantined",
    "reopenings",
    "restatements",
    "review_answers",
    "review_windows",
    "role_changes",
    "run_attributed",
    "run_classes",
    "run_driver_uses",
    "run_findings",
    "run_inputs",
    "run_lines",
    "run_pointers",
    "run_proofs",
    "run_rate_quotes",
    "run_rates",
    "run_shares",
    "run_snapshots",
    "run_teams",
    "runs",
    "shadow_runs",
    "snapshot_findings",
    "snapshot_units",
    "snapshots",
    "statement_issues",
    "unit_amounts",
    "unit_files",
    "unit_totals",
    "units",
]
