"""Pull a source: the days that are missing or may have changed, month by month.

Days are those of UTC. Usage is pulled from where it ended, less the days that its provider may
still change, up to yesterday. Cost is pulled by whole months, since a month's file tells the
month (:func:`apportion.sources.pulled_files.find_newest`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from apportion.errors import ConfigurationError, Place, SourceError, UsageError
from apportion.model.project import SourceSpec
from apportion.model.pull_spec import INTERFACES, PullSpec
from apportion.model.usage_spec import UsageSpec
from apportion.sources.pages import ASKED
from apportion.sources.pull.fetch import Fetcher, Refused, fetching
from apportion.sources.pull.key import read_key
from apportion.sources.pull.part import Part, content, open_part, sweep_parts
from apportion.sources.pull.providers import PROVIDERS, Ask, Provider
from apportion.sources.pulled_files import PulledFile

FOLDER = ".apportion/pull"


@dataclass(frozen=True)
class PulledRange:
    """Some days that were pulled. `file` is empty where the same was there already.

    `told_until` is the first day that no bucket tells of, if that is before `until`.
    """

    start: date
    until: date
    file: str
    pages: int
    resumed: bool
    told_until: date | None = None


Tell = Callable[[PulledRange], None]


@dataclass(frozen=True)
class Wish:
    """The days that somebody wants, either of which may be left open; `now` is UTC."""

    now: datetime
    start: date | None = None
    until: date | None = None


def pull(
    spec: SourceSpec | UsageSpec, root: Path, wish: Wish, tell: Tell = lambda _: None
) -> tuple[PulledRange, ...]:
    """Pull a source into its folder, and say what came of it; `tell` hears of each file at once.

    Raises ConfigurationError where it has no `pull`, no key, or is grouped otherwise than
    what was pulled before; SourceError where the provider refuses or can't be reached.
    What was whole before that stays.
    """
    if spec.pull is None:
        raise UsageError(
            f"{spec.name!r} is not pulled",
            place=spec.place,
            hint="say how by `pull: {api: …, key: env:NAME}`",
        )
    folder = root / Path(spec.path).expanduser()
    known = pulled_before(folder, spec.pull.api)
    _refuse_other_groups(folder, known, spec.pull)
    start, until = wanted_days(spec.pull, known, wish)
    key = read_key(spec.pull, root)
    provider = PROVIDERS[spec.pull.api]
    sweep_parts(root / FOLDER / spec.name)
    done = []
    with fetching(spec.pull, provider, key) as fetcher:
        for first, end in months(start, until):
            piece = _Piece(spec.name, spec.pull, provider, root, folder, first, end)
            done.append(piece.pull(fetcher, known, wish.now))
            tell(done[-1])
    return tuple(done)


def pulled_before(folder: Path, api: str) -> tuple[PulledFile, ...]:
    """The files of an interface in a folder, in the order of time."""
    if folder.exists() and not folder.is_dir():
        raise ConfigurationError(
            f"{folder.name} is a file", hint="`path` of a source that is pulled is a folder"
        )
    names = (one.name for one in folder.iterdir()) if folder.is_dir() else ()
    found = (PulledFile.read(name) for name in names)
    return tuple(sorted(one for one in found if one is not None and one.api == api))


def wanted_days(spec: PullSpec, known: tuple[PulledFile, ...], wish: Wish) -> tuple[date, date]:
    """The first day, and the first that is no longer wanted."""
    interface, today = INTERFACES[spec.api], wish.now.date()
    until = min(wish.until or today, today + timedelta(1))
    start = wish.start
    if start is None and known:
        start = min(max(one.until for one in known) - timedelta(interface.days), until)
    if start is None:
        start = (today.replace(day=1) - timedelta(1)).replace(day=1)
    if interface.is_bill:
        start = start.replace(day=1)
        until = max(until, min(_next_month(until - timedelta(1)), today))
    if start >= until:
        raise UsageError(
            f"no day lies between {start} and {until}",
            why="the last day that can be pulled is today, and yesterday unless `--to` says so",
            hint="give `--from` and `--to`; the day of `--to` is no longer part",
        )
    return start, until


def months(start: date, until: date) -> Iterator[tuple[date, date]]:
    """The days in pieces that don't cross a month.

    >>> [(str(a), str(b)) for a, b in months(date(2026, 10, 25), date(2026, 11, 3))]
    [('2026-10-25', '2026-11-01'), ('2026-11-01', '2026-11-03')]
    """
    while start < until:
        end = min(_next_month(start), until)
        yield start, end
        start = end


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(32)).replace(day=1)


@dataclass(frozen=True)
class _Piece:
    """Days of one month while they are pulled."""

    name: str
    spec: PullSpec
    provider: Provider
    root: Path
    folder: Path
    start: date
    until: date

    def pull(self, fetcher: Fetcher, known: tuple[PulledFile, ...], now: datetime) -> PulledRange:
        asks = self.provider.asks(self.spec, self.start, self.until)
        heads = [json.dumps(ask.head(self.spec.api)) for ask in asks]
        private = self.root / FOLDER / self.name
        named = PulledFile.at(now, self.spec.api, self.start, self.until)
        with open_part(private / f"{self.spec.api}_{self.start}_{self.until}", heads) as part:
            resumed = part.resumed
            try:
                told = self._fill(part, fetcher, asks, heads)
            except Refused:
                if not resumed:
                    raise
                part.begin_anew()  # the cursor may be stale
                resumed = False
                told = self._fill(part, fetcher, asks, heads)
            same = self._is_known(part, known)
            if same:
                part.drop()
            else:
                part.finish(self.folder / named.name)
        file = "" if same else named.name
        return PulledRange(self.start, self.until, file, part.reached.pages, resumed, told)

    def _fill(
        self, part: Part, fetcher: Fetcher, asks: tuple[Ask, ...], heads: list[str]
    ) -> date | None:
        """Ask all that isn't answered yet; the first day that isn't told of, if some aren't."""
        reached, last = part.reached, self.until
        for ask, head in list(zip(asks, heads, strict=True))[reached.answered :]:
            if not reached.begun:
                part.add(head)
            told, cursor, seen = ask.start, reached.cursor, set[str]()
            while True:
                query = [*self.provider.query(ask), *([("page", cursor)] if cursor else [])]
                line, page = fetcher.page(ask.report, query)
                told = max(told, self._checked(ask, page))
                part.add(line)
                reached.pages += 1
                cursor = self._next(ask, page, seen)
                if cursor is None:
                    break
            reached.begun, reached.cursor = False, None
            last = min(last, told)
        return None if self.provider.by_day or last >= self.until else last

    def _checked(self, ask: Ask, page: dict[str, Any]) -> date:
        """The day after the last that a page tells of; days that weren't asked are refused."""
        if self.provider.start_of is None:
            return ask.until
        last = ask.start
        for bucket in page["data"]:
            try:
                day = self.provider.start_of(bucket)
            except (KeyError, TypeError, ValueError, OverflowError, OSError) as fault:
                raise self._odd(f"a bucket has no start that can be read ({fault!r})") from None
            if not ask.start <= day < ask.until:
                raise self._odd(f"it tells of {day}, which wasn't asked")
            last = max(last, day + timedelta(1))
        return last

    def _next(self, ask: Ask, page: dict[str, Any], seen: set[str]) -> str | None:
        if page.get("has_more") is not True:
            return None
        cursor = page.get("next_page")
        if not isinstance(cursor, str) or not cursor or cursor in seen:
            raise self._odd(f"pages of {ask.report} never end: the next page has no new cursor")
        seen.add(cursor)
        return cursor

    def _odd(self, why: str) -> SourceError:
        return SourceError(
            f"{self.provider.name} answered what wasn't asked",
            place=Place(self.provider.path),
            why=why,
            hint="nothing of these days was kept; see whether the interface has changed",
        )

    def _is_known(self, part: Part, known: tuple[PulledFile, ...]) -> bool:
        """Whether the newest file of the same days says the same."""
        alike = [one for one in known if (one.start, one.until) == (self.start, self.until)]
        return bool(alike) and content(self.folder / alike[-1].name) == part.digest()


def _refuse_other_groups(folder: Path, known: tuple[PulledFile, ...], spec: PullSpec) -> None:
    """Usage by other groups or buckets has other records: of both kinds, all would count twice.

    Cost is pulled by months, of which the newest counts: there it doesn't matter.
    """
    if not known or INTERFACES[spec.api].is_bill:
        return
    asks = PROVIDERS[spec.api].asks(spec, known[-1].start, known[-1].until)
    wanted = {ask.report: (list(ask.group_by), ask.bucket) for ask in asks}
    with (folder / known[-1].name).open(encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith(f'{{"{ASKED}"'):
                continue
            said = json.loads(line)[ASKED]
            now = wanted.get(said["report"])
            if now is not None and now != (said["group_by"], said["bucket"]):
                raise ConfigurationError(
                    f"{said['report']} was pulled by other groups or buckets before",
                    place=spec.place,
                    why=f"{known[-1].name} is grouped by {', '.join(said['group_by']) or 'nothing'}"
                    f", in buckets of {said['bucket']}: both would count",
                    hint="keep to them, or declare a new source of usage with a folder of its own",
                )
