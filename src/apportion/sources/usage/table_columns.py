"""Which column of a table is which of ours: by its name, or as `columns` says.

Names are ours in any spelling: ``UsageStart``, ``usage_start`` and ``Usage start`` are one. Some
have a short one besides (:data:`SHORT`). A column that is none of ours is kept as an attribute.

Traps: `input_tokens` and `cached_tokens` mean one thing at OpenAI (a total, and a part of it)
and another at Anthropic (what is not cached). Such a column is taken only where `columns` says
which it is, and refused otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from apportion.domain.usage import (
    DESCRIPTIONS,
    IDENTITIES,
    METERS,
    OWN_METER,
    QUANTITIES,
    USAGE_END,
    USAGE_ID,
    USAGE_START,
)
from apportion.errors import ConfigurationError, Place, SourceError
from apportion.model.faults import did_you_mean
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import own_meters

DAY = "day"
PERIOD = "period"
TOTALS = ("input_tokens", "cached_tokens", "cache_write_tokens")
"""A whole prompt, and the parts of it that were read from the cache and written to it."""

SPENT = ("ReportedCost", "ReportedCurrency")
ATTRIBUTE = "Attributes."

SHORT: Mapping[str, str] = {
    "id": USAGE_ID,
    "start": USAGE_START,
    "start_time": USAGE_START,
    "time": USAGE_START,
    "timestamp": USAGE_START,
    "end": USAGE_END,
    "end_time": USAGE_END,
    "date": DAY,
    "usage_date": DAY,
    "month": PERIOD,
    "run": "RunId",
    "api_key": "ApiKeyId",
    "service_account": "ServiceAccountId",
    "user": "UserId",
    "service": "ServiceName",
    "project": "ProjectId",
    "workspace": "WorkspaceId",
    "account": "AccountId",
    "team": "TeamLabel",
    "provider": "ProviderName",
    "model": "ModelId",
    "tier": "ServiceTier",
    "region": "RegionId",
    "resource": "ResourceId",
    "cost": "ReportedCost",
    "currency": "ReportedCurrency",
    "completion_tokens": "output_tokens",
    "cache_read_input_tokens": "cache_read_tokens",
    "cache_creation_input_tokens": "cache_write_5m_tokens",
}
"""Short and other names of our columns."""

_AMBIGUOUS = ("input_tokens", "prompt_tokens", "cached_tokens", "cached_input_tokens")

_OURS = (
    *(USAGE_ID, USAGE_START, USAGE_END, DAY, PERIOD),
    *IDENTITIES,
    *DESCRIPTIONS,
    *OWN_METER,
    *METERS,
    *QUANTITIES,
    *SPENT,
)


def _spelling(name: str) -> str:
    return re.sub(r"[\s_.-]", "", name).lower()


_FULL = {_spelling(name): name for name in _OURS}
_SHORT = {_spelling(short): ours for short, ours in SHORT.items()}
_DOUBTFUL = {_spelling(name) for name in _AMBIGUOUS}


@dataclass(frozen=True)
class TableColumns:
    """The columns of a table by what they are: ours to the file's.

    `meters` have a column of their own in a record. `quantities` are of meters of the user's own,
    and the time of levels (`gpu_hours`) as the source itself reckoned it. `totals` hold parts
    that are not disjoint. `attributes` are by name what is none of ours.
    """

    ours: Mapping[str, str]
    attributes: Mapping[str, str]

    @property
    def meters(self) -> dict[str, str]:
        return {name: self.ours[name] for name in METERS if name in self.ours}

    @property
    def quantities(self) -> dict[str, str]:
        known = (*_OURS, *TOTALS)
        own = [name for name in self.ours if name not in known]
        hours = [name for name in QUANTITIES if name not in METERS and name in self.ours]
        return {name: self.ours[name] for name in (*hours, *own)}

    @property
    def totals(self) -> dict[str, str]:
        return {name: self.ours[name] for name in TOTALS if name in self.ours}

    def places(self, names: Sequence[str]) -> dict[str, int]:
        """Where in a row each column stands, from 1, by the file's name for it and by ours.

        A name that is that of two columns, the file's and ours, has no place.
        """
        theirs = {name: at for at, name in enumerate(names, start=1)}
        ours = {name: theirs[column] for name, column in self.ours.items()}
        doubtful = {name for name in ours if theirs.get(name, ours[name]) != ours[name]}
        return {name: at for name, at in {**theirs, **ours}.items() if name not in doubtful}

    @property
    def measures(self) -> bool:
        """Whether any column says how much."""
        return bool(self.meters or self.quantities or self.totals or "Quantity" in self.ours)


def table_columns(
    file: InputFile, spec: UsageSpec, names: Collection[str], *, whole: bool
) -> TableColumns:
    """Tell what the columns of a table are; `whole` says that it has no others than `names`.

    Raises SourceError for a column that `columns` names and the table lacks, for one that may
    mean two things, and for a table without any quantity; ConfigurationError for a name of
    `columns` that is none of ours.
    """
    own = own_meters(spec)
    ours = _declared(file, spec, names, own, whole=whole)
    _add(ours, names, lambda name: name if name in own else "")
    _add(ours, names, lambda name: _FULL.get(_spelling(name), ""))
    _add(ours, names, lambda name: _SHORT.get(_spelling(name), ""))
    left = [name for name in names if name not in ours.values()]
    for name in left:
        if _spelling(name) in _DOUBTFUL:
            raise _doubtful(file, name)
    found = TableColumns(ours, {name.removeprefix(ATTRIBUTE): name for name in left})
    if whole and not found.measures:
        raise _nothing_measured(file, names)
    return found


def _add(ours: dict[str, str], names: Iterable[str], known: Callable[[str], str]) -> None:
    """Add the columns that are known by a name, as long as nothing else is called so."""
    taken = set(ours.values())
    for name in names:
        if name not in taken and (one := known(name)):
            ours.setdefault(one, name)


def _declared(
    file: InputFile, spec: UsageSpec, names: Collection[str], own: Iterable[str], *, whole: bool
) -> dict[str, str]:
    known = (*_OURS, *TOTALS, *own)
    found = {}
    for name, theirs in spec.columns.items():
        spelled = _spelling(name)
        ours = name if name in known else _FULL.get(spelled) or _SHORT.get(spelled, "")
        if not ours:
            raise ConfigurationError(
                f"usage {spec.name!r}: {name!r} in `columns` is no column of usage",
                place=spec.place,
                hint=did_you_mean(
                    name, known, f"a meter of your own is named by options: {{meters: {name}}}"
                ),
            )
        if theirs in names:
            found[ours] = theirs
        elif whole:
            raise SourceError(
                f"the file has no column {theirs!r}, which `columns` takes for {name}",
                place=Place(file.name, 1),
                why=f"it has {', '.join(names)[:300]}",
                hint="correct `columns` of the source, or export the column",
            )
    return found


def _doubtful(file: InputFile, name: str) -> SourceError:
    return SourceError(
        f"it isn't known what {name!r} counts",
        place=Place(file.name, 1),
        why="some sources count cached tokens among the input, and others don't",
        hint=f"say it by `columns`: {{uncached_input_tokens: {name}}} for what isn't cached; for a "
        "total that includes it {input_tokens: …, cached_tokens: …}",
    )


def _nothing_measured(file: InputFile, names: Collection[str]) -> SourceError:
    return SourceError(
        "no column of the table says how much was used",
        place=Place(file.name, 1),
        why=f"it has {', '.join(names)[:300]}",
        hint="name a column by a meter (output_tokens, gpus, requests …), or map it by `columns`",
    )
