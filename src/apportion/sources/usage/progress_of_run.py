"""How far a run of MLflow got, read from where its project logs it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from apportion.errors import ConfigurationError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.usage.mlflow_runs import Run
from apportion.sources.usage.usage_texts import large_number

_WRITTEN = re.compile(r"(step|(?:metrics|params|tags)\..+?)(\s*\+\s*1)?")


@dataclass(frozen=True)
class Progress:
    """`path` is what the run logged, `more` is 1 where that counts from zero."""

    path: str
    more: int

    def of(self, run: Run) -> Decimal | int | None:
        """How far the run got; None where it doesn't say. Raises ValueError for no number."""
        if self.path == "step":
            return None if run.step is None else run.step + self.more
        text = run.said(self.path)
        return large_number(text) + self.more if text else None


def progress(spec: UsageSpec, name: str) -> Progress:
    """Where `epochs` or `steps` come from, as the option says; raises ConfigurationError."""
    text = spec.options[name].strip()
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ConfigurationError(
            f"usage {spec.name!r}: {name} can't be read from {text!r}",
            place=spec.place,
            hint="write metrics.NAME, params.NAME, tags.NAME or step, with ` + 1` where it counts "
            "from zero",
        )
    return Progress(found[1], 1 if found[2] else 0)
