"""Anomalies as a JSON document, and the summary of a spike in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from apportion.domain.anomaly_state import AnomalyNote
from apportion.insight.anomaly.anomalies import Anomalies, Standing
from apportion.insight.anomaly.spike import Spike
from apportion.insight.anomaly.values import Anomaly, Driver
from apportion.publish.documents import Document, finding_document
from apportion.publish.estimate import estimate
from apportion.publish.markdown_text import escaped


def anomalies_document(found: Anomalies) -> Document:
    """All anomalies of some days; keys may be added, never renamed."""
    return {
        "since": str(found.since),
        "until": str(found.until),
        "anomalies": [anomaly_document(one) for one in found.found],
        "findings": [finding_document(one) for one in found.findings],
    }


def anomaly_document(standing: Standing) -> Document:
    """One anomaly and where it stands."""
    one = standing.anomaly
    return {
        "id": one.id,
        "channel": str(one.channel),
        "team": one.owner,
        "service": one.service,
        "cause": str(one.cause),
        "currency": one.currency,
        "first": str(one.first),
        "noticed": str(one.noticed),
        "last": str(one.last),
        "running": one.running,
        "extra_cost": _text(one.extra, one.currency),
        "usual_day": _text(one.usual, one.currency),
        "price_effect": _text(one.price_effect, one.currency),
        "volume_effect": _text(one.volume_effect, one.currency),
        "drivers": [_driver(driver, one.currency) for driver in one.drivers],
        "state": str(standing.state),
        "owner": standing.owner or None,
        "note": note_document(standing.note) if standing.note else None,
    }


def note_document(note: AnomalyNote) -> Document:
    """One step of an anomaly's life."""
    return {
        "anomaly": note.anomaly,
        "state": str(note.state),
        "owner": note.owner or None,
        "because": note.because,
        "actor": note.actor,
        "at": note.at.isoformat(),
    }


def _driver(driver: Driver, code: str) -> Document:
    return {
        "name": driver.name,
        "kind": driver.kind,
        "singles": list(driver.singles),
        "who": list(driver.who),
        "extra_cost": _text(driver.extra, code),
        "effect": driver.effect,
    }


def spike_document(spike: Spike) -> Document:
    """All that is known of a spike; keys may be added, never renamed."""
    one = spike.standing.anomaly
    return {
        **anomaly_document(spike.standing),
        "as_of": str(spike.until),
        "extra_by_month_end": _text(spike.projected, one.currency),
        "budget": _text(spike.budget, one.currency) if spike.budget else None,
        "prevented_by": list(spike.prevented_by),
        "notes": [note_document(note) for note in spike.notes],
    }


def spike_markdown(spike: Spike) -> str:
    """A blameless summary of a spike, to be filled in by those who were there.

    It speaks of jobs, keys and settings. People are named as those who can tell, never as the
    cause.
    """
    return "\n".join(_lines(spike)) + "\n"


def _lines(spike: Spike) -> Iterator[str]:
    one, code = spike.standing.anomaly, spike.standing.anomaly.currency
    yield f"# Spike {one.id}: {escaped(one.service or 'no service named')}, {escaped(one.owner)}"
    yield ""
    yield "This summary is blameless: it asks what made it possible, and not who did it."
    yield ""
    yield "## What happened"
    yield ""
    yield f"- **What**: {_what(one)}"
    yield f"- **When**: {one.first} to {one.last}{', and it goes on' if one.running else ''}"
    usual = f"a day of the service usually costs {_money(one.usual, code)}"
    yield f"- **Extra cost so far**: {_money(one.extra, code)} ({usual})"
    yield f"- **Extra cost by the end of the month**: {_money(spike.projected, code)}"
    effects = f"volume {_money(one.volume_effect, code)}, price {_money(one.price_effect, code)}"
    yield f"- **By**: {effects}"
    owner = escaped(spike.standing.owner) or "nobody yet"
    yield f"- **State**: {spike.standing.state}; looked after by {owner}"
    yield ""
    yield "## What drove it"
    yield ""
    yield "| what | kind | single ones | who can tell | extra cost | how |"
    yield "|---|---|---|---|---:|---|"
    for driver in one.drivers:
        yield _row(driver, code)
    yield ""
    yield "## What was set to prevent it"
    yield ""
    yield from (f"- {words}" for words in spike.prevented_by)
    yield ""
    yield "## Timeline"
    yield ""
    yield f"- {one.first}: the first day beyond the usual"
    day = (one.noticed - one.first).days + 1
    yield f"- {one.noticed}: could be told from the bill or the usage (day {day})"
    for note in spike.notes:
        said = f"{note.state} by {escaped(note.actor)}: {escaped(note.because)}"
        yield f"- {note.at:%Y-%m-%d %H:%M} UTC: {said}"
    if not one.running:
        yield f"- {one.last}: the last day beyond the usual"
    yield ""
    yield "## What would have told it sooner, or stopped it"
    yield ""
    yield "- (to be filled in: a budget, a limit on the key or the queue, an alert, an owner's tag)"


def _what(one: Anomaly) -> str:
    words = {
        "spike": "more than usual",
        "new": "something new that runs on",
        "price": "a dearer price",
    }
    return f"{words[str(one.cause)]} in {one.channel} of {escaped(one.service or 'no service')}"


def _row(driver: Driver, code: str) -> str:
    singles = ", ".join(driver.singles[:4]) + (", …" if len(driver.singles) > 4 else "")
    cells = (
        escaped(driver.name),
        escaped(driver.kind),
        escaped(singles),
        escaped(", ".join(driver.who)),
        _money(driver.extra, code),
        driver.effect,
    )
    return f"| {' | '.join(cells)} |"


def _money(value: float, code: str) -> str:
    return f"{estimate(value, code):,f} {code}".strip()


def _text(value: float, code: str) -> str:
    return format(estimate(value, code), "f")
