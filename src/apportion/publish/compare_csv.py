"""A comparison as CSV: one row for each line of each owner, and one for each owner."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from apportion.domain.comment import Comment
from apportion.insight.edited_csv import not_a_formula as safe
from apportion.publish.compare_document import by_line, percent
from apportion.publish.compare_words import cause_words
from apportion.publish.documents import amount
from apportion.run.compare import Compared
from apportion.run.compare_values import Difference, PeriodComparison

COLUMNS = (
    "period currency basis owner_kind owner line kind pool service old new difference percent "
    "causes comments"
).split()


def compare_csv(compared: Compared, *, team: str = "", comments: Iterable[Comment] = ()) -> str:
    """The rows as text. An owner's own row has no line; its lines sum to it."""
    said = by_line(comments)
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    for found in compared.periods:
        for one in found.comparisons:
            for own in one.owners:
                if team not in {"", own.owner.name}:
                    continue
                head = (found.period, one.currency, one.basis, own.owner.kind, safe(own.owner.name))
                writer.writerow([*head, "", "", "", "", *_figures(own, found), ""])
                for each in own.lines:
                    line = each.line
                    what = (line.id, line.kind, safe(line.pool), safe(line.service))
                    heard = said.get((found.period, line.id), ())
                    words = safe("; ".join(f"{c.author}: {c.text}" for c in heard))
                    writer.writerow([*head, *what, *_figures(each, found), words])
    return written.getvalue()


def _figures(one: Difference, found: PeriodComparison) -> Iterator[str | None]:
    yield amount(one.old)
    yield amount(one.new)
    yield amount(one.difference)
    yield percent(one.percent)
    causes = cause_words(one.effects, found, len(found.causes) + 1)
    yield f"causes: {'; '.join(causes)}" if causes else ""
