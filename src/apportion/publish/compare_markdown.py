"""A comparison as a comment for a pull request that edits the model."""

from __future__ import annotations

from collections.abc import Iterator

from apportion.domain.period import Period
from apportion.publish.compare_document import percent, signed
from apportion.publish.compare_words import cause_words, owner_words, sampled_words, verdict
from apportion.publish.markdown_text import escaped
from apportion.run.compare import Compared
from apportion.run.compare_values import Comparison, PeriodComparison

MARKER = "<!-- apportion compare -->"
"""The first line, by which a pipeline finds the comment that it wrote before."""

_MOST = 20


def compare_markdown(compared: Compared, *, team: str = "", as_of: Period | None = None) -> str:
    """What each team would be charged, by the last period's use, and which change makes it so."""
    lines = [MARKER, "## What this change charges", "", verdict(compared)]
    for found in compared.periods:
        lines += ["", *_period(found, team, as_of)]
    if compared.changes:
        lines += ["", "<details><summary>All changes of the model</summary>", ""]
        for change in compared.changes[:100]:
            where = f" ({escaped(str(change.place))})" if change.place else ""
            lines.append(f"- {escaped(change.title)}{where}")
        if len(compared.changes) > 100:
            lines.append(f"- and {len(compared.changes) - 100} more")
        lines += ["", "</details>"]
    return "\n".join(lines) + "\n"


def _period(found: PeriodComparison, team: str, as_of: Period | None) -> Iterator[str]:
    for one in found.comparisons:
        month = f"{as_of}, if it is used like {found.period}" if as_of else str(found.period)
        yield f"**Charge of {month}**, {one.basis} in {one.currency}"
        yield ""
        yield from _table(one, found, team)
        yield ""
    if not found.exact:
        yield sampled_words(found)
        yield ""
    warnings = [finding for finding in found.findings if str(finding.level) != "note"]
    for finding in warnings[:_MOST]:
        yield f"- **{finding.level}** {escaped(finding.message)}"


def _table(one: Comparison, found: PeriodComparison, team: str) -> Iterator[str]:
    yield "| | current | proposed | difference | % | why |"
    yield "|---|---:|---:|---:|---:|---|"
    moved = [own for own in one.owners if team in {"", own.owner.name}]
    for own in moved:
        why = "<br>".join(escaped(words) for words in cause_words(own.effects, found))
        change = percent(own.percent) or ""
        yield (
            f"| {escaped(owner_words(own))} | {own.old:,f} | {own.new:,f} | "
            f"{signed(own.difference)} | {change} | {why} |"
        )
    yield f"| **total** | {one.total:,f} | {one.new_total:,f} | 0 | | |"
