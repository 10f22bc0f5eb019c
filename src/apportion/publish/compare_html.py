"""A comparison as one page: no script, nothing fetched, light and dark, ready to print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from apportion.domain.comment import Comment
from apportion.domain.period import Period
from apportion.publish.compare_document import Comments, by_line, percent, signed
from apportion.publish.compare_words import (
    cause_words,
    line_words,
    owner_words,
    sampled_words,
    verdict,
)
from apportion.run.compare import Compared
from apportion.run.compare_values import (
    Comparison,
    Difference,
    LineDifference,
    OwnerDifference,
    PeriodComparison,
)

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #5b6470; --rule: #d6dae0;
  --more: #a8341c; --less: #17693a; --bar: #8aa4c8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --paper: #14171b; --soft: #9aa4b1;
  --rule: #343a43; --more: #f0876f; --less: #6fcf97; --bar: #46638d; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
p.soft, td.soft, caption { color: var(--soft); } caption { text-align: left; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--rule); text-align: left;
  vertical-align: top; }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.more { color: var(--more); } .less { color: var(--less); }
tfoot td { font-weight: 600; } ul { margin: 0; padding-left: 1.1rem; }
details { border-bottom: 1px solid var(--rule); padding: .4rem 0; }
summary { cursor: pointer; font-weight: 600; } blockquote { margin: .2rem 0; color: var(--soft); }
@media print { body { margin: 0; max-width: none; font-size: 11px; }
  tr, details { break-inside: avoid; } }
"""

_HEADS = ("", "current", "proposed", "difference", "%", "why")


def compare_html(
    compared: Compared,
    *,
    name: str,
    team: str = "",
    as_of: Period | None = None,
    comments: Iterable[Comment] = (),
) -> str:
    """The whole page. Every text of a model or a person is escaped."""
    said = by_line(comments)
    months = [str(found.period) for found in compared.periods]
    span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
    body = [f"<h1>{escape(name)}: two models on {escape(span)}</h1>"]
    body.append(f"<p>{escape(verdict(compared))} Totals are equal.</p>")
    if as_of:
        body.append(f"<p>Both models are taken as they are in {escape(str(as_of))}.</p>")
    if len(compared.periods) > 1:
        for one in compared.together:
            body += _table(f"All {len(months)} months", one, None, team)
    for found in compared.periods:
        body += _period(found, team, said)
    body += _changes(compared)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(name)}: comparison of models, {escape(span)}</title>\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def _period(found: PeriodComparison, team: str, said: Comments) -> Iterator[str]:
    for one in found.comparisons:
        yield from _table(str(found.period), one, found, team)
        if not found.exact:
            yield f'<p class="soft">{escape(sampled_words(found))}</p>'
        for own in one.owners:
            if team in {"", own.owner.name} and own.lines:
                yield from _lines(own, found, said)
    notable = [finding for finding in found.findings if str(finding.level) != "note"]
    if notable:
        yield "<h2>What the proposed model warns of</h2>"
        yield _list([f"{finding.level}: {finding.message}" for finding in notable])


def _table(title: str, one: Comparison, found: PeriodComparison | None, team: str) -> Iterator[str]:
    yield f"<h2>{escape(title)}</h2>"
    yield f"<table><caption>{escape(one.basis)} in {escape(one.currency)}</caption>"
    yield _head(_HEADS if found else _HEADS[:-1])
    yield "<tbody>"
    for own in one.owners:
        if team in {"", own.owner.name}:
            yield _row(owner_words(own), own, found)
    yield "</tbody>"
    last = "<td></td>" if found else ""
    yield (
        f'<tfoot><tr><td>total</td><td class="n">{one.total:,f}</td>'
        f'<td class="n">{one.new_total:,f}</td><td class="n">0</td><td></td>{last}</tr></tfoot>'
    )
    yield "</table>"


def _lines(own: OwnerDifference, found: PeriodComparison, said: Comments) -> Iterator[str]:
    heard = any(said.get((found.period, line.line.id)) for line in own.lines)
    moved = any(line.difference for line in own.lines)
    opened = " open" if heard or moved else ""
    yield f"<details{opened}><summary>{escape(owner_words(own))}, line by line</summary>"
    yield "<table>"
    yield _head(_HEADS)
    yield "<tbody>"
    for line in own.lines:
        yield _row(line_words(line), line, found, _comments(line, found, said))
    yield "</tbody></table></details>"


def _comments(line: LineDifference, found: PeriodComparison, said: Comments) -> str:
    return "".join(
        f"<blockquote>{escape(one.text)} ({escape(one.author)}, {one.at:%Y-%m-%d})</blockquote>"
        for one in said.get((found.period, line.line.id), ())
    )


def _head(heads: Sequence[str]) -> str:
    cells = (
        f'<th scope="col"{"" if name in {"", "why"} else _RIGHT}>{name}</th>' for name in heads
    )
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


_RIGHT = ' class="n"'


def _row(words: str, one: Difference, found: PeriodComparison | None, more: str = "") -> str:
    way = "more" if one.difference > 0 else "less" if one.difference < 0 else ""
    cells = [
        f'<th scope="row">{escape(words)}{more}</th>',
        f'<td class="n">{one.old:,f}</td>',
        f'<td class="n">{one.new:,f}</td>',
        f'<td class="n {way}">{signed(one.difference)}</td>',
        f'<td class="n">{percent(one.percent) or ""}</td>',
    ]
    if found is not None:
        cells.append(f'<td class="soft">{_list(cause_words(one.effects, found))}</td>')
    return f"<tr>{''.join(cells)}</tr>"


def _list(texts: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>" if texts else ""


def _changes(compared: Compared) -> Iterator[str]:
    if compared.changes:
        yield "<h2>All changes of the model</h2>"
        yield _list(
            [
                f"{change.title} ({change.place})" if change.place else change.title
                for change in compared.changes
            ]
        )
