"""Deliveries of AWS: which files of a folder are the bill, by the manifests that came with them.

AWS writes an open month anew several times a day, and a closed one for weeks.
With *overwrite* the files are replaced; with *create new* each version lies in
a folder of its own, and all of them together would be many times the bill. The
manifest at the top of each billing period names the files that count::

    legacy CUR     NAME/20261001-20261101/NAME-Manifest.json              reportKeys
                   NAME/20261001-20261101/ASSEMBLY/NAME-00001.csv.gz
                   NAME/NAME/year=2026/month=10/NAME-00001.snappy.parquet
    Data Exports   NAME/metadata/BILLING_PERIOD=2026-10/NAME-Manifest.json  dataFiles
                   NAME/data/BILLING_PERIOD=2026-10/VERSION/NAME-00001.csv.gz

Keys of files are those of the bucket. They are found below the folder of the
export (NAME above), wherever that was copied to.

Source: AWS Data Exports user guide, "Understanding export delivery" and
"Understanding your report versions".
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from apportion.errors import Place, SourceError
from apportion.model.project import SourceSpec
from apportion.sources.files import InputFile, files_at, find_files, matches, named

_SUFFIX = "-manifest.json"
_PERIOD = re.compile(
    r"(?P<y1>\d{4})(?P<m1>\d{2})01-\d{8}"
    r"|BILLING_PERIOD=(?P<y2>\d{4})-(?P<m2>\d{2})"
    r"|year=(?P<y3>\d{4})/month=(?P<m3>\d{1,2})"
)
_METADATA = "metadata"


@dataclass(frozen=True)
class Manifest:
    """The manifest of one billing period, and the keys of the files that it names.

    `period` is the folder of the period, and the manifest's own folder where it
    lies in none. `depth` is how far below it lies: 0 is the current one.
    """

    path: Path
    name: str
    export: str
    period: Path
    depth: int
    keys: tuple[str, ...]

    @property
    def in_period(self) -> bool:
        return bool(_PERIOD.fullmatch(self.period.name))

    @property
    def folder(self) -> Path:
        """The folder of the export: all that lies in it was delivered."""
        if not self.in_period:
            return self.period
        above = self.period.parent
        return above.parent if above.name == _METADATA else above


def find_delivered(spec: SourceSpec, root: Path) -> tuple[InputFile, ...]:
    """The files of a source that current manifests name; all of them, where there is no manifest.

    Files that lie outside of any delivery are taken too. Raises SourceError for
    a manifest that can't be read, names a file twice or one that isn't there,
    and for a delivered month whose manifest is missing.
    """
    manifests = _current([_read(path, root) for path in _manifests(spec, root)], spec)
    if not manifests:
        return find_files(spec, root)
    files = {path for manifest in manifests for path in _files_of(manifest)}
    files |= set(_others(spec, root, manifests, files))
    return tuple(sorted(named(path, root) for path in files))


def _manifests(spec: SourceSpec, root: Path) -> Iterator[Path]:
    for place in matches(root, spec.path):
        if place.is_dir():
            found = (path for path in place.rglob("*") if path.name.lower().endswith(_SUFFIX))
            yield from sorted(found)
        elif place.name.lower().endswith(_SUFFIX):
            yield place


def _read(path: Path, root: Path) -> Manifest:
    name = named(path, root).name
    period, depth = path.parent, 0
    for up, folder in enumerate(path.parent.parents, start=1):
        if _PERIOD.fullmatch(folder.name) and not _PERIOD.fullmatch(path.parent.name):
            period, depth = folder, up
            break
    export = path.name[: -len(_SUFFIX)]
    return Manifest(path, name, export, period, depth, _keys(path, name))


def _keys(path: Path, name: str) -> tuple[str, ...]:
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"))
        listed = told["reportKeys"] if "reportKeys" in told else told["dataFiles"]
        keys = tuple(_key(one) for one in _list(listed))
    except (OSError, ValueError, LookupError, TypeError) as fault:
        raise SourceError(
            "the manifest can't be read",
            place=Place(name),
            why="it is no JSON object with a list of files, `reportKeys` or `dataFiles`",
            hint="fetch it again",
        ) from fault
    twice = [key for key, times in Counter(keys).items() if times > 1]
    if twice:
        raise SourceError(
            f"the manifest names a file twice: {twice[0]}",
            place=Place(name),
            why="its rows would count twice, or another file is missing in its place",
            hint="fetch the manifest again; nothing of this source was loaded",
        )
    return keys


def _list(listed: object) -> list[object]:
    if not isinstance(listed, list) or not listed:
        raise TypeError(listed)
    return listed


def _key(listed: object) -> str:
    """A file's key in the bucket, without the bucket and doubled slashes."""
    if not isinstance(listed, str):
        raise TypeError(listed)
    within = re.sub(r"^s3://[^/]+/", "", listed)
    return "/".join(part for part in within.split("/") if part)


def _current(manifests: Iterable[Manifest], spec: SourceSpec) -> tuple[Manifest, ...]:
    """Of each billing period the manifest at its top, or the only one there is."""
    groups: dict[tuple[Path, str], list[Manifest]] = defaultdict(list)
    for manifest in manifests:
        groups[manifest.period, manifest.export].append(manifest)
    return tuple(_topmost(group, spec) for group in groups.values())


def _topmost(group: Sequence[Manifest], spec: SourceSpec) -> Manifest:
    top = [manifest for manifest in group if manifest.depth == 0]
    if not top and len(group) > 1:
        raise SourceError(
            f"source {spec.name!r}: which of {len(group)} versions is current can't be told",
            place=Place(group[0].name),
            why=f"the manifest at the top of {group[0].period.name} is missing",
            hint="fetch it; AWS keeps it beside the folders of the versions",
        )
    return (top or group)[0]


def _files_of(manifest: Manifest) -> Iterator[Path]:
    missing = []
    for key in manifest.keys:
        found = next((path for path in _places(manifest, key) if path.is_file()), None)
        if found:
            yield found
        else:
            missing.append(key)
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise SourceError(
            f"a file that the manifest names isn't there: {missing[0]}{more}",
            place=Place(manifest.name),
            why=f"without it the bill would lack rows; looked in {manifest.folder}",
            hint="fetch it, or fetch all again; nothing of this source was loaded",
        )


def _places(manifest: Manifest, key: str) -> Iterator[Path]:
    """Where a key may lie: by its path within the export, or beside a manifest by itself."""
    parts = PurePosixPath(key).parts
    for position, part in enumerate(parts[:-1]):
        if part == manifest.export:
            yield manifest.folder.joinpath(*parts[position + 1 :])
    if not manifest.in_period:
        yield manifest.period.joinpath(*parts[-2:])
        yield manifest.period / parts[-1]


def _others(
    spec: SourceSpec, root: Path, manifests: Sequence[Manifest], taken: set[Path]
) -> Iterator[Path]:
    """Files that belong to no delivery. Files of older versions do, and stay out."""
    months = {(manifest.folder, _month(Path(manifest.period.name))) for manifest in manifests}
    folders = {manifest.folder for manifest in manifests}
    for file in files_at(root, spec.path):
        if file in taken or file.name.lower().endswith(_SUFFIX):
            continue
        folder = next((up for up in file.parents if up in folders), None)
        if folder is None:
            yield file
        elif (month := _month(file.relative_to(folder))) and (folder, month) not in months:
            raise SourceError(
                f"there is no manifest of {month}, to which this file belongs",
                place=Place(named(file, root).name),
                why="other months of this delivery have one, and only it tells the current files",
                hint="fetch the manifest, or take the month's files out of the folder",
            )


def _month(path: Path) -> str:
    found = _PERIOD.search(path.as_posix())
    if not found:
        return ""
    year, month = (text for text in found.groups() if text)
    return f"{year}-{month.zfill(2)}"
