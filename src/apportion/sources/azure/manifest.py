"""The manifests of Azure's exports: which files are the newest run of each month.

Each run of an export is a folder with a manifest.json that names its parts, the
blobs. A month-to-date export writes the whole month anew on every day, in a
folder of its own, so that only its newest run counts.

Source: Microsoft, "Tutorial: Create and manage exported data" (Cost Management).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from apportion.errors import Place, SourceError
from apportion.sources.files import InputFile

MANIFEST = "manifest.json"

_SCOPE_END = "/providers/microsoft.costmanagement/"


@dataclass(frozen=True)
class Run:
    """One run of an export. `kind` is its type, say ActualCost; `first` and `last` its days;
    `scope` what it covers: a subscription, a billing account, or else the export's name.
    """

    manifest: InputFile
    kind: str
    scope: str
    first: str
    last: str
    submitted: str
    blobs: tuple[Mapping[str, Any], ...]

    @property
    def subject(self) -> tuple[str, str]:
        return self.kind, self.scope

    def parts(self) -> tuple[InputFile, ...]:
        """The files of the run, each as long as the manifest says.

        Raises SourceError for a part that is missing, comes twice, or isn't whole.
        """
        found: dict[str, InputFile] = {}
        for blob in self.blobs:
            part = self._part(blob)
            if part.name in found:
                raise SourceError(
                    f"the manifest names {part.path.name} twice",
                    place=Place(self.manifest.name),
                    why="its charges would count twice",
                    hint="run the export again; nothing of this source was loaded",
                )
            found[part.name] = part
        return tuple(found.values())

    def _part(self, blob: Mapping[str, Any]) -> InputFile:
        file = str(blob["blobName"]).replace("\\", "/").rpartition("/")[2]
        path = self.manifest.path.parent / file
        name = self.manifest.name.removesuffix(MANIFEST) + file
        if not path.is_file():
            raise SourceError(
                f"a part that the manifest names is missing: {file}",
                place=Place(self.manifest.name),
                why="without it charges of this run are missing",
                hint="copy the whole folder again; nothing of this source was loaded",
            )
        size, written = path.stat().st_size, blob.get("byteCount")
        if written is not None and size != written and not file.endswith(".gz"):
            raise SourceError(
                f"the file has {size:,} bytes where its manifest says {written:,}",
                place=Place(name),
                why="it is cut short, or not the file that the manifest is about",
                hint="copy it again; nothing of this source was loaded",
            )
        return InputFile(name, path, rows=blob.get("dataRowCount"))


def read_run(manifest: InputFile) -> Run | None:
    """The run that a manifest tells of; None for a manifest of another kind.

    Raises SourceError for one that can't be read.
    """
    try:
        told = json.loads(manifest.path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError) as fault:
        raise SourceError(
            "the manifest can't be read",
            place=Place(manifest.name),
            why=str(fault),
            hint="copy it again; without it nobody can say which files are the bill",
        ) from fault
    if not isinstance(told, dict) or "exportConfig" not in told:
        return None
    config, run, blobs = told["exportConfig"], told.get("runInfo") or {}, told.get("blobs")
    if not isinstance(blobs, list) or told.get("blobCount", len(blobs)) != len(blobs):
        raise SourceError(
            "the manifest doesn't name the parts that it counts",
            place=Place(manifest.name),
            why=f"blobCount is {told.get('blobCount')}",
            hint="run the export again; nothing of this source was loaded",
        )
    export = str(config.get("resourceId") or "").lower()
    return Run(
        manifest=manifest,
        kind=str(config.get("type", "")),
        scope=export.partition(_SCOPE_END)[0] or str(config.get("exportName", "")),
        first=str(run.get("startDate", ""))[:10],
        last=str(run.get("endDate", ""))[:10],
        submitted=str(run.get("submittedTime", "")),
        blobs=tuple(blobs),
    )


def newest_runs(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Of the runs that begin on one day and are about the same, the one submitted last.

    Raises SourceError where what is left overlaps: two exports tell the same days.
    """
    by_start: dict[tuple[str, str, str], list[Run]] = defaultdict(list)
    for run in runs:
        by_start[(*run.subject, run.first)].append(run)
    newest = [
        max(many, key=lambda run: (run.submitted, run.manifest.name)) for many in by_start.values()
    ]
    for one, other in combinations(sorted(newest, key=lambda run: run.first), 2):
        if one.subject == other.subject and other.first < one.last:
            raise SourceError(
                f"two exports tell of the days from {other.first} to {min(one.last, other.last)}",
                place=Place(other.manifest.name),
                why=f"{one.manifest.name} tells of {one.first} to {one.last}: both would count",
                hint="let `path` name one of them, or remove the other",
            )
    return tuple(newest)
