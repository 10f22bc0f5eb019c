"""Ask a server for one page, and again where it is busy, fails, or breaks off.

A server that says how long to wait is heeded (`Retry-After`); else waits double, with some
chance in them. What a server says in its error is told, without what looks like a key. It is
never followed elsewhere: the key would go along.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from apportion.errors import Place, SourceError
from apportion.model.pull_spec import PullSpec
from apportion.sources.pull.key import without_key
from apportion.sources.pull.providers import Provider, Query
from apportion.sources.usage.usage_texts import json_value

try:
    import httpx
    import tenacity
except ImportError:
    raise SourceError(
        "reports can't be pulled: httpx or tenacity isn't installed",
        why="providers are asked by them",
        hint="pip install 'apportion[pull]'",
    ) from None

TRIES = 8
LONGEST_WAIT = 900.0
"""Seconds; a server that asks for more is left alone."""

_DOUBLING_FROM, _DOUBLING_TO = 1.0, 60.0
_MOST_BYTES = 256 * 1024**2
_MOST_WORDS = 300
_BUSY = frozenset({408, 409, 425, 429})


class Refused(SourceError):
    """The server understood, and refuses what was asked: another time is no better."""


class _Again(Exception):
    """Worth another try, after `wait` seconds where the server says so."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class Fetcher:
    """Fetches pages of one interface with one key."""

    def __init__(
        self,
        pull: PullSpec,
        provider: Provider,
        key: str,
        sleep: Callable[[float], None] = tenacity.nap.sleep,
    ) -> None:
        self._pull, self._provider, self._key = pull, provider, key
        self._server = pull.endpoint or provider.server
        self._sleep = sleep
        self._client = httpx.Client(
            headers=dict(provider.headers(key)),
            timeout=httpx.Timeout(60.0, connect=15.0),
            follow_redirects=False,
        )

    def close(self) -> None:
        self._client.close()

    def page(self, report: str, query: Query) -> tuple[str, dict[str, Any]]:
        """A page as one line of its own text, and as a value; raises SourceError."""
        url = self._server + self._provider.path.format(report=report)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Again),
            stop=tenacity.stop_after_attempt(TRIES),
            wait=self._wait,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(self._once, url, query)
        except _Again as again:
            raise SourceError(
                f"{self._provider.name} didn't answer after {TRIES} tries",
                place=Place(url),
                why=str(again),
                hint="pull again later: it goes on where it ended",
            ) from None

    def _wait(self, state: tenacity.RetryCallState) -> float:
        fault = state.outcome.exception() if state.outcome else None
        if isinstance(fault, _Again) and fault.wait is not None:
            return fault.wait
        doubling = tenacity.wait_random_exponential(_DOUBLING_FROM, max=_DOUBLING_TO)
        return doubling(state)

    def _once(self, url: str, query: Query) -> tuple[str, dict[str, Any]]:
        try:
            with self._client.stream(
                "GET", url, params=httpx.QueryParams(tuple(query))
            ) as response:
                body = self._body(url, response)
                if response.status_code != 200:
                    raise self._fault(url, response, body)
        except httpx.HTTPError as fault:
            raise _Again(_in_words(fault)) from None
        return self._read(url, body)

    def _body(self, url: str, response: httpx.Response) -> bytes:
        body = bytearray()
        for part in response.iter_bytes():
            body += part
            if len(body) > _MOST_BYTES:
                raise SourceError(
                    f"the answer is larger than {_MOST_BYTES // 1024**2} MiB",
                    place=Place(url),
                    hint="pull fewer days at once, longer buckets, or fewer groups",
                )
        return bytes(body)

    def _read(self, url: str, body: bytes) -> tuple[str, dict[str, Any]]:
        try:
            text = body.decode("utf-8")
            page = json_value(text)
        except ValueError:
            raise _Again("the answer is no JSON; it may be cut short") from None
        if not isinstance(page, dict) or not isinstance(page.get("data"), list):
            raise SourceError(
                f"{self._provider.name} answered something that is no page of a report",
                place=Place(url),
                why="a page is an object with `data`",
                hint="see that `endpoint` is right, or whether the interface has changed",
            )
        # Line feeds within JSON stand between values only: blanks are as good.
        return text.replace("\r", " ").replace("\n", " ").strip(), page

    def _fault(self, url: str, response: httpx.Response, body: bytes) -> Exception:
        status, name = response.status_code, self._provider.name
        said = self._said(body)
        why = f"{status}: {said}" if said else str(status)
        if status in _BUSY or status >= 500:
            wait = _retry_after(response.headers.get("retry-after"))
            if wait is not None and wait > LONGEST_WAIT:
                return SourceError(
                    f"{name} asks to wait for {wait / 60:.0f} minutes",
                    place=Place(url),
                    why=why,
                    hint="pull again then: it goes on where it ended",
                )
            return _Again(why, wait)
        place = Place(url)
        if status in {401, 403}:
            hint = f"`key: {self._pull.key}` must lead to an admin key that may read reports"
            return SourceError(f"{name} refused the key", place=place, why=str(status), hint=hint)
        if 300 <= status < 400:
            hint = "write the server's own address as `endpoint`"
            what = f"{name} points elsewhere, and the key isn't sent there"
            return SourceError(what, place=place, why=why, hint=hint)
        hint = "correct the settings of `pull`, or the days that are asked for"
        return Refused(f"{name} refused the question", place=place, why=why, hint=hint)

    def _said(self, body: bytes) -> str:
        """What the server says of its error, short and without keys."""
        try:
            document = json.loads(body)
            error = document.get("error", document)
            said = error.get("message", "") if isinstance(error, dict) else error
        except (ValueError, AttributeError):
            return ""
        plain = " ".join(str(said).split())
        return without_key(plain, self._key)[:_MOST_WORDS]


@contextmanager
def fetching(pull: PullSpec, provider: Provider, key: str) -> Iterator[Fetcher]:
    """A fetcher whose connections are closed at the end."""
    fetcher = Fetcher(pull, provider, key)
    try:
        yield fetcher
    finally:
        fetcher.close()


def _in_words(fault: Exception) -> str:
    """The name of a fault; its text may hold an address with more in it than should be told."""
    return {
        "ConnectError": "the server can't be reached",
        "ConnectTimeout": "the server can't be reached in time",
        "ReadTimeout": "the server didn't answer in time",
        "RemoteProtocolError": "the answer broke off",
    }.get(type(fault).__name__, f"the connection failed ({type(fault).__name__})")


def _retry_after(text: str | None) -> float | None:
    """Seconds to wait, from a count of them or a date; None where it isn't said."""
    if not text:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    zoned = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (zoned - datetime.now(UTC)).total_seconds())
