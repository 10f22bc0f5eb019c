"""Take one posting from the outbox to where the ERP is known to have it, or to have refused it.

Each step is in the books before it is done. Nothing that may have arrived is sent again
before it was looked for; what is found counts only if it is what was sent.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from apportion.domain.posting import Attempt, PostingState
from apportion.publish.erp.post.channel import Channel, NoAnswer
from apportion.publish.erp.post.connector import Connector
from apportion.publish.erp.post.message import Message
from apportion.publish.erp.post.outbox import LEASE, Outbox
from apportion.publish.erp.post.outcome import (
    Accepted,
    Busy,
    Exists,
    Held,
    HeldLine,
    NotRead,
    Outcome,
    Rejected,
    Unknown,
    differences,
)
from apportion.store.books.audit import now

TRIES = 5
"""How often a busy ERP is asked in one go."""

LONGEST_WAIT = 60.0
"""Seconds; an ERP that asks for more is left alone until the command is run again."""

_LOOKS = 3
S = PostingState


@dataclass
class Delivery:
    """One posting on its way.

    `stopped` says that the ERP would refuse all others, too. `sleep` waits; `told` hears of
    each step, so that somebody can see that there is work.
    """

    outbox: Outbox
    connector: Connector
    channel: Channel
    message: Message
    sleep: Callable[[float], None]
    told: Callable[[str], None] = lambda _: None
    stopped: bool = False

    def run(self) -> Attempt:
        """Go as far as it can be gone today; raises Taken where another process is at it."""
        last = self.outbox.take()
        if last.state is S.POSTED:
            return last
        if last.state is S.UNKNOWN:
            settled = self._settle(last.reasons)
            if settled:
                return settled
        if last.state in {S.ACCEPTED, S.DIFFERS}:
            return self.confirm(last.number)
        there = self._before_first() if last.state is S.PREPARED else None
        return there or self._send_until_settled()

    def _send_until_settled(self) -> Attempt:
        """Send, and again where that is safe, within bounds."""
        locks = doubts = 0
        for number in range(1, TRIES + 1):
            outcome = self._send()
            wait: float | None = None
            match outcome:
                case Accepted():
                    accepted = self.outbox.write(S.ACCEPTED, number=outcome.number)
                    return self.confirm(accepted.number)
                case Rejected():
                    locks += outcome.locked
                    if not outcome.locked or locks > 1:
                        self.stopped = outcome.stop
                        return self.outbox.write(S.REJECTED, reasons=outcome.reasons)
                case Busy():
                    wait = outcome.wait
                case Exists() | Unknown():
                    doubts += 1
                    self.outbox.write(S.UNKNOWN, reasons=outcome.reasons)
                    settled = self._settle(outcome.reasons, resend=doubts < 2)
                    if settled:
                        return settled
                    continue
            if number == TRIES or (wait or 0) > LONGEST_WAIT:
                later = "post again later" if wait is None else f"it asks to wait {wait:.0f} s"
                reasons = (*outcome.reasons, later)
                self.stopped = True
                return self.outbox.write(S.PREPARED, reasons=reasons, done=True)
            self.outbox.write(S.PREPARED, reasons=outcome.reasons)
            self._wait(_backoff(number) if wait is None else wait, outcome.reasons)
            found = self._before_again()
            if found:
                return found
        raise AssertionError("the last try ends above")

    def _send(self) -> Outcome:
        """Send once; that it is being sent is in the books before."""
        refused = sum(one.state is S.REJECTED for one in self.outbox.history())
        sent = self.outbox.write(S.SENT)
        assert sent.until is not None
        if (sent.until - now()).total_seconds() < LEASE / 2:
            return Busy(("this machine was asleep for too long",))
        try:
            key = f"{self.message.id}-{refused + 1}"
            return self.connector.send(self.channel, self.message, key)
        except NoAnswer as none:
            return Unknown((str(none),)) if none.arrived else Busy((str(none),))

    def _before_first(self) -> Attempt | None:
        """What other books, or older ones that were restored, may have posted under our id."""
        try:
            held = self._find()
        except (NoAnswer, NotRead) as fault:
            self.stopped = isinstance(fault, NoAnswer)
            return self.outbox.write(S.PREPARED, reasons=(str(fault), _LATER), done=True)
        if not held:
            return None
        self.told(f"{self.message.id}: {_THERE}")
        return self._found(held, _THERE)

    def _before_again(self) -> Attempt | None:
        """Look first where the ERP would take the same entry twice."""
        if self.connector.repeats_safely:
            return None
        try:
            held = self._find()
        except (NoAnswer, NotRead) as fault:
            return self.outbox.write(S.PREPARED, reasons=(str(fault), _LATER), done=True)
        return self._found(held) if held else None

    def _settle(self, why: tuple[str, ...], *, resend: bool = True) -> Attempt | None:
        """Find out what became of a posting; None where it isn't there and may be sent again."""
        try:
            held = self._find()
            rest = 0.0 if held else self._unsettled_for()
            if rest > 0:
                self.outbox.write(S.UNKNOWN, reasons=why, lease=LEASE + rest)
                self._wait(rest, ("it may still appear in the ERP",))
                held = self._find()
        except (NoAnswer, NotRead) as fault:
            reasons = tuple(dict.fromkeys((*why, str(fault), _LATER)))
            self.stopped = isinstance(fault, NoAnswer)
            return self.outbox.write(S.UNKNOWN, reasons=reasons, done=True)
        if held:
            return self._found(held)
        if not resend:
            return self.outbox.write(S.REJECTED, reasons=(*why, "the ERP has nothing of it"))
        self.outbox.write(S.PREPARED, reasons=(*why, "the ERP has nothing of it"))
        return None

    def _unsettled_for(self) -> float:
        """Seconds until what was sent last can't appear any more."""
        sent = [one.at for one in self.outbox.history() if one.state is S.SENT]
        if not sent:
            return 0.0
        gone = (now() - sent[-1]).total_seconds()
        return max(0.0, self.connector.settled_after - max(gone, 0.0))

    def _find(self) -> tuple[Held, ...]:
        return self.connector.find(self.channel, self.message)

    def _found(self, held: tuple[Held, ...], how: str = "found in the ERP") -> Attempt:
        """What is there under our id: accepted if it is ours, to the last line."""
        wrong = self._wrong(held)
        if wrong:
            reasons = (how, *wrong) if how == _THERE else wrong
            return self.outbox.write(S.DIFFERS, number=held[0].number, reasons=reasons)
        if self.outbox.history()[-1].state is S.PREPARED:
            self.outbox.write(S.SENT)  # it was, by an answer that said otherwise
        self.outbox.write(S.ACCEPTED, number=held[0].number, reasons=(how,))
        return self._judged(held, held[0].number, (how,) if how == _THERE else ())

    def confirm(self, number: str) -> Attempt:
        """Read back what was accepted: posted only where the ERP has what was sent."""
        for look in range(1, _LOOKS + 1):
            try:
                held = self._find()
            except (NoAnswer, NotRead) as fault:
                why, gone = f"{fault}: post again later", False
            else:
                if held:
                    return self._judged(held, number)
                why, gone = "it isn't found in the ERP: post again later", True
            if look < _LOOKS:
                self._wait(_backoff(look), (why,))
        was = self.outbox.history()[-1]
        if was.state is S.ACCEPTED or gone:
            state = S.ACCEPTED if was.state is S.ACCEPTED else S.DIFFERS
            return self.outbox.write(state, number=number, reasons=(why,), done=True)
        self.told(f"{self.message.id}: {why}")
        return was

    def _judged(self, held: tuple[Held, ...], number: str, how: tuple[str, ...] = ()) -> Attempt:
        wrong = self._wrong(held)
        if wrong:
            return self.outbox.write(S.DIFFERS, number=held[0].number or number, reasons=wrong)
        if held[0].waits:
            reasons = (held[0].waits,)
            return self.outbox.write(S.ACCEPTED, number=number, reasons=reasons, done=True)
        said = (*how, f"read back: {self.message.totals}")
        return self.outbox.write(S.POSTED, number=number or held[0].number, reasons=said)

    def _wrong(self, held: tuple[Held, ...]) -> tuple[str, ...]:
        if len(held) > 1:
            named = ", ".join(one.number for one in held)
            return (f"the ERP has it {len(held)} times: {named}; reverse what is too much there",)
        return differences(self._lines(), held[0].lines)

    def _lines(self) -> tuple[HeldLine, ...]:
        account = self.connector.account
        return tuple((account(name), amount) for name, amount in self.message.lines)

    def _wait(self, seconds: float, why: tuple[str, ...]) -> None:
        self.told(f"{self.message.id}: {why[0]}; waiting {seconds:.0f} s")
        self.sleep(seconds)


_THERE = "the ERP had this id before anything was sent from these books: nothing was sent"
_LATER = "post again later: it is looked for first"


def _backoff(number: int) -> float:
    """Seconds before the next try: doubled each time, with some chance in them."""
    return float(min(LONGEST_WAIT, 2.0 ** (number - 1)) * random.uniform(0.5, 1.0))  # noqa: S311
