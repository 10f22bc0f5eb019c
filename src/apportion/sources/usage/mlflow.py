"""MLflow's runs: who trained what, how it ended, and how far it got.

MLflow knows no cost. A run is joined to what it cost by what it noted when it began: tags such as
``SLURM_JOB_ID``, a pod's uid, ``mlflow.databricks.jobRunID``; they are kept as attributes. Each run
is one of the meter `runs`; failed and cancelled ones are lost, and are no mistake of the export.
`epochs` and `steps` are taken from where the project logs them, which only it knows: options
`epochs: metrics.epoch + 1`, `steps: params.max_steps`, or `step`, the latest step of any metric.

Shape: the answer of ``POST /api/2.0/mlflow/runs/search`` (``{"runs": [{"info": {…}, "data":
{"metrics": […], "params": […], "tags": […]}}]}``), one document, or one page on each line; or the
CSV of ``mlflow.search_runs().to_csv()`` (``run_id``, ``status``, ``start_time``, ``tags.…`` …).
Source: MLflow, REST API, Run, RunInfo, RunData; Databricks, Experiments API.

Traps: of a metric only its last value is there. An `epoch` may count from 0. What was planned
(`params`) is not what was done. A run of a crashed process stays RUNNING for ever. A sweep's
parent spans its children.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from apportion.domain.usage import DESCRIPTIONS, IDENTITIES
from apportion.errors import ConfigurationError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.mlflow_runs import Run, runs_of
from apportion.sources.usage.progress_of_run import Progress, progress
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import zone_of

_STATUSES = {
    "RUNNING": "running",
    "FINISHED": "success",
    "FAILED": "failed",
    "KILLED": "cancelled",
}
_NOT_BEGUN = "SCHEDULED"
_KEPT = ("mlflow.parentRunId", "mlflow.runName", "mlflow.databricks.")
_LONGEST = 500
_COUNTED = ("epochs", "steps")


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read runs; raises SourceError for what are none, ConfigurationError for odd options."""
    check_options(spec, _COUNTED)
    columns = _columns(spec)
    counted = {name: progress(spec, name) for name in _COUNTED if name in spec.options}
    rows, zone = UsageRows(), zone_of(spec)
    for run in runs_of(file, rows):
        if run.status == _NOT_BEGUN:
            rows.skip()
            continue
        try:
            start, end = run.times(zone)
            _add(rows, run, (start, end), columns, counted)
        except ValueError as fault:
            rows.reject(run.line, "run", str(fault), "see the run in MLflow", run.shown())
        yield from rows.batches()
    yield from rows.batches(last=True)


def _columns(spec: UsageSpec) -> dict[str, str]:
    for ours in spec.columns:
        if ours not in (*IDENTITIES, *DESCRIPTIONS):
            raise ConfigurationError(
                f"usage {spec.name!r}: {ours!r} in `columns` is no identity of usage",
                place=spec.place,
                hint=f"one of {', '.join((*IDENTITIES, *DESCRIPTIONS))}; epochs and steps are "
                "options",
            )
    return dict(spec.columns)


def _add(
    rows: UsageRows,
    run: Run,
    times: tuple[datetime, datetime | None],
    columns: Mapping[str, str],
    counted: Mapping[str, Progress],
) -> None:
    if run.status not in _STATUSES:
        raise ValueError(f"{run.status!r} is no status of a run")
    rows.add(
        run.line,
        **{
            "UsageId": run.id,
            "UsageStart": times[0],
            "UsageEnd": times[1],
            "RunId": run.id,
            "UserId": run.tags.get("mlflow.user") or run.user,
            "ProjectId": run.experiment,
            "Status": _STATUSES[run.status],
            **{ours: run.said(path) for ours, path in columns.items()},
            "Attributes": _attributes(run),
            "Meter": "runs",
            "Quantity": 1,
            "Unit": "runs",
            **{name: one.of(run) for name, one in counted.items()},
        },
    )


def _attributes(run: Run) -> dict[str, str]:
    found = {
        name: text
        for name, text in run.tags.items()
        if text and len(text) <= _LONGEST and (not name.startswith("mlflow.") or name in _KEPT[:2])
    }
    databricks = {name: text for name, text in run.tags.items() if name.startswith(_KEPT[2])}
    name = {"run_name": run.name} if run.name else {}
    return {**found, **databricks, **name}


FORMAT = UsageFormat(
    "mlflow",
    read,
    restates=True,
    null_identity="a run without user was begun by nobody who is known: its job says who pays",
)
