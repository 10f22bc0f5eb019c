"""What a target must be able to do so that one way of sending serves all of them."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar
from urllib.parse import urlsplit

from apportion.domain.journal import JournalDocument
from apportion.errors import ConfigurationError
from apportion.model.server_address import LOOPBACK
from apportion.publish.erp.post.channel import Answer, Channel
from apportion.publish.erp.post.credentials import Login
from apportion.publish.erp.post.message import Message
from apportion.publish.erp.post.outcome import (
    Busy,
    Held,
    HeldLine,
    NotRead,
    Outcome,
    Rejected,
    Unknown,
    Words,
)
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.target import Target

_LONGEST = 60
"""Characters of an amount that is read; the books' own have at most 19 digits."""

_DIGITS = 24
"""Digits before the point, and after it."""


class Connector(ABC):
    """One target with an interface, and the settings of a project for it.

    `repeats_safely` says that the ERP itself refuses the same id twice, so that a posting may
    be sent again as soon as it isn't found. `hosts` are the vendor's own, to which alone
    credentials go (or to this machine); none where every company has its own.
    """

    target: ClassVar[Target]
    login: ClassVar[Login]
    repeats_safely: ClassVar[bool] = True
    one_entity: ClassVar[bool] = False
    hosts: ClassVar[tuple[str, ...]] = ()
    server: ClassVar[str] = ""
    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, settings: ErpSettings) -> None:
        self.settings = settings
        missing = [name for name in self._needed if not settings.option(name)]
        if missing:
            raise ConfigurationError(
                f"{self.target.title} can't be posted to without `{missing[0]}`",
                place=settings.spec.place,
                hint=f"erp: {{{self.target.name}: {{options: {{{missing[0]}: …}}}}}} "
                "in apportion.yaml",
            )
        host = urlsplit(self.url).hostname or ""
        if self.hosts and host not in LOOPBACK and not _is_of(host, self.hosts):
            raise ConfigurationError(
                f"{host} is no server of {self.target.title}",
                place=settings.spec.place,
                why="credentials are sent to the vendor's own hosts alone",
                hint=f"name one of {', '.join(self.hosts)} as `url`",
            )

    @property
    def _needed(self) -> tuple[str, ...]:
        return self.needs if self.server else ("url", *self.needs)

    @property
    def url(self) -> str:
        return self.settings.option("url", self.server).rstrip("/")

    @property
    def settled_after(self) -> float:
        """Seconds after which what wasn't answered can't appear in the ERP any more."""
        return 0.0

    def messages(self, parts: Sequence[JournalDocument]) -> list[Message]:
        """What is sent, one message for each part."""
        return [Message(part.id, (part,), self.body(part), self.record_of(part)) for part in parts]

    def body(self, part: JournalDocument) -> bytes:
        """What the format's writer makes of one part."""
        (content,) = self.target.render((part,), self.settings).values()
        return content

    def record_of(self, part: JournalDocument) -> str:
        return ""

    def account(self, name: str) -> str:
        """An account as the ERP says it again."""
        return name

    @abstractmethod
    def send(self, channel: Channel, message: Message, key: str) -> Outcome:
        """Send a message; `key` is another one once it was rejected. Raises NoAnswer."""

    @abstractmethod
    def find(self, channel: Channel, message: Message) -> tuple[Held, ...]:
        """What the ERP has under a message's id; raises NoAnswer and NotRead."""


def _is_of(host: str, known: Sequence[str]) -> bool:
    return any(host == one or (one.startswith("*.") and host.endswith(one[1:])) for one in known)


def by_status(answer: Answer, said: Sequence[str], words: Words) -> Outcome | None:
    """What a status alone means; None where the answer must be read."""
    status = answer.status
    reasons = tuple(words.of(one) for one in said) or (f"the ERP answered {status}",)
    if 200 <= status < 300:
        return None
    if status in {429, 503}:
        return Busy((f"the ERP is busy ({status})",), answer.wait)
    if status in {401, 403}:
        why = f"the ERP refuses the credentials, or lets them do no such thing ({status})"
        return Rejected((why, *(said and reasons)), stop=True)
    if 300 <= status < 400:
        return Rejected(
            (f"the ERP points elsewhere ({status}): credentials aren't sent there",), stop=True
        )
    if status >= 500 or status in {408, 425} or status < 200:
        return Unknown((f"the ERP answered {status}", *(said and reasons)))
    return Rejected(reasons)


def json_of(answer: Answer) -> Any:
    """The JSON of an answer, its figures exact; raises ValueError."""
    try:
        return json.loads(
            answer.body, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_figure
        )
    except (ValueError, RecursionError, InvalidOperation):
        raise ValueError("the answer is no JSON") from None


def _no_figure(text: str) -> Decimal:
    raise ValueError(text)


def read_json(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer that reads back; raises NotRead."""
    if not 200 <= answer.status < 300:
        raise NotRead(f"the ERP answered {answer.status} when it was asked what it has")
    try:
        found = json_of(answer)
    except ValueError as fault:
        raise NotRead(str(fault)) from None
    if not isinstance(found, dict):
        raise NotRead("the answer is no object")
    return found


def part_of(value: Any, *path: str | int) -> Any:
    """What lies at a path within JSON, or None."""
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def list_of(value: Any, *path: str | int) -> list[Any]:
    """A list at a path within JSON; an empty one where there is none."""
    found = part_of(value, *path)
    return found if isinstance(found, list) else []


def held_line(account: object, amount: object, *, credit: bool = False) -> HeldLine:
    """A line that was read back; raises NotRead for what is no amount that books could hold.

    >>> held_line("1", "1e999999999")
    Traceback (most recent call last):
    apportion.publish.erp.post.outcome.NotRead: an amount that was read back is none
    """
    text = str(amount)
    try:
        value = Decimal(text) if len(text) <= _LONGEST else Decimal("NaN")
    except InvalidOperation:
        raise NotRead("an amount that was read back is none") from None
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -_DIGITS or value.adjusted() > _DIGITS:
        raise NotRead("an amount that was read back is none")
    return Words().of(account), (-value if credit else value) if value else Decimal()
