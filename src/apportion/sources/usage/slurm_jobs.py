"""From blocks of `sacct` rows to batches of records, and those that can't be read set aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from apportion.errors import ConfigurationError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.usage.arrow_columns import places
from apportion.sources.usage.format_options import one_of
from apportion.sources.usage.slurm_file import Block
from apportion.sources.usage.slurm_records import JobRows, Resources
from apportion.sources.usage.slurm_times import read_times
from apportion.sources.usage.slurm_tres import PARTS, Tres, read_tres
from apportion.sources.usage.usage_format import Rejected, UsageBatch
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import zone_of

_LEVELS = ("gpus", "cpus", "memory_gb")
_TIMES = ("Start", "End", "Submit", "Eligible")
_TRES = ("AllocTRES", "ReqTRES")


class JobReader:
    """Makes records of the rows of one file."""

    def __init__(self, spec: UsageSpec) -> None:
        self._zone = zone_of(spec)
        self._pending = one_of(spec, "pending", ("yes", "no"), "no") == "yes"
        self._per_gpu = _per_gpu(spec)
        self._read: dict[str, Tres | str] = {}

    def batches(self, block: Block) -> Iterator[UsageBatch]:
        """The records of a block: those of jobs that ran, then those of jobs that waited."""
        if not block.rows:
            yield UsageBatch(pa.table({}), block.broken)
            return
        said = block.columns
        times = {name: read_times(said[name], self._zone) for name in _TIMES if name in said}
        tres = {name: self._tres(said[name]) for name in _TRES if name in said}
        wrong = {name: one.wrong for name, one in times.items()}
        wrong |= {name: one.wrong for name, one in tres.items()}
        rejected, sound = self._rejected(block, wrong)
        jobs = JobRows(block, times, tres)
        whole = pc.and_not(sound, jobs.steps)
        ran = pc.and_(whole, jobs.began)
        skipped = _true(jobs.steps) + _true(whole) - _true(ran)
        yield UsageBatch(jobs.ran().filter(ran), (*block.broken, *rejected), skipped)
        if self._pending and "ReqTRES" in tres and "Submit" in times:
            yield UsageBatch(jobs.waited().filter(pc.and_(whole, jobs.queued)))

    def _tres(self, texts: Any) -> Resources:
        coded = texts.dictionary_encode()
        rows, kinds, wrong = UsageRows(), [], []
        for text in coded.dictionary.to_pylist():
            found = self._one(text)
            fault = isinstance(found, str)
            shown = Tres() if isinstance(found, str) else found
            rows.add(None, **{name: getattr(shown, name) for name in _LEVELS})
            kinds.append(shown.gpu_type)
            wrong.append(fault)
        at = coded.indices
        levels = rows.batch().rows.take(at)
        return Resources(
            {name: levels[name].combine_chunks() for name in _LEVELS},
            pa.array(kinds, pa.string()).take(at),
            pa.array(wrong, pa.bool_()).take(at),
        )

    def _one(self, text: str) -> Tres | str:
        """A text of TRES, read once; where it can't be read, why."""
        if text not in self._read:
            try:
                self._read[text] = read_tres(text, self._per_gpu)
            except ValueError as fault:
                self._read[text] = str(fault)
        return self._read[text]

    def _rejected(self, block: Block, wrong: Mapping[str, Any]) -> tuple[list[Rejected], Any]:
        """Rows with a time or a resource that can't be read, and which rows are sound."""
        sound = pa.repeat(True, block.rows)
        rejected = []
        for name, here in wrong.items():
            for at in places(pc.and_(here, sound)):
                row = {key: column[at].as_py() for key, column in block.columns.items()}
                rejected.append(self._fault(int(block.lines[at]), name, row))
            sound = pc.and_not(sound, here)
        return rejected, sound

    def _fault(self, line: int, name: str, row: dict[str, str]) -> Rejected:
        if name in _TIMES:
            why = f"{row[name]!r} is no time"
            hint = "export without SLURM_TIME_FORMAT, or with %s"
        else:
            why = str(self._one(row[name]))
            hint = "see TRES in the how-to; shards need the option `shards_per_gpu`"
        return Rejected(line, name, why, hint, row)


def _per_gpu(spec: UsageSpec) -> dict[str, int]:
    found = {}
    for kind in PARTS:
        option = f"{kind}{'s' if kind == 'shard' else ''}_per_gpu"
        text = spec.options.get(option)
        if text is not None:
            if not text.isdigit() or not int(text):
                raise ConfigurationError(
                    f"usage {spec.name!r}: {option} is {text!r}",
                    place=spec.place,
                    hint="write how many of them make one GPU, say 4",
                )
            found[kind] = int(text)
    return found


def _true(mask: Any) -> int:
    return int(pc.sum(mask).as_py() or 0)
