"""Question files: a likely owner is asked which resources are theirs, and answers by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from apportion.domain.period import Period
from apportion.errors import ConfigurationError, Place
from apportion.insight.exact_yaml import exact_yaml
from apportion.model import marked_yaml as y
from apportion.model.faults import Faults
from apportion.model.forms import BECAUSE, DAY, MONTH, NAME, TOTAL, WHOLE, WORDS
from apportion.model.shape import Form, Items, Key, Text
from apportion.model.text_file import read_text, write_atomically
from apportion.model.values import as_day, as_month, text_of

ANY = Text("a text")

QUESTION = Form(
    "a question",
    {
        "resource": Key(ANY, "The resource, by its id.", needed=True),
        "name": Key(ANY, "Its name.", blank=True),
        "service": Key(ANY, "The service that billed most of it.", blank=True),
        "account": Key(ANY, "The account that it runs in.", blank=True),
        "cost": Key(TOTAL, "What it cost in the period."),
        "days": Key(WHOLE, "On how many days it was billed."),
        "score": Key(WHOLE, "How likely the team owns it, of 100."),
        "evidence": Key(Items(ANY, empty=True), "Why it is asked."),
        "answer": Key(ANY, "accept, deny, or the name of another team.", needed=True, blank=True),
        "because": Key(WORDS, BECAUSE.doc, blank=True),
    },
)
FILE = Form(
    "a question file",
    {
        "team": Key(NAME, "The team that is asked.", needed=True),
        "who": Key(WORDS, "Who answers for it.", blank=True),
        "period": Key(MONTH, "The billing period.", needed=True),
        "asked": Key(DAY, "The day of asking.", needed=True),
        "currency": Key(NAME, "The currency of the costs."),
        "questions": Key(Items(QUESTION, empty=True), "One for each resource.", needed=True),
    },
)
HEAD = """\
# Are these yours? Write after each `answer:` one of
#   accept     it is ours: from this period on its cost is on our statement
#   deny       it isn't ours, and we don't know whose it is
#   TEAM       it isn't ours but this team's, by its name
# and leave it empty where you can't tell yet. `because:` takes a reason, if you like. Then run
#   apportion answer FILE
"""


@dataclass(frozen=True)
class Question:
    """Is this resource yours? With what it cost and why it is asked."""

    resource: str
    name: str
    service: str
    account: str
    cost: Decimal
    days: int
    score: int
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class QuestionFile:
    """All questions to one team about one period, in one currency."""

    team: str
    who: str
    period: Period
    asked: date
    currency: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Answer:
    """What somebody wrote after a question: an empty text, accept, deny, or a team; and where."""

    resource: str
    answer: str
    because: str
    place: Place


@dataclass(frozen=True)
class AnswerFile:
    """A question file as it came back."""

    team: str
    period: Period
    asked: date
    answers: tuple[Answer, ...]


def write_questions(files: Sequence[tuple[Path, QuestionFile]]) -> None:
    """Write questions, each team's to its path.

    Where one of the files is there with answers in it, none is written:
    ConfigurationError. Texts from bills are quoted as YAML needs; nothing in
    the file is a formula or a command, whatever a resource is called.
    """
    for path, _ in files:
        if path.exists() and any(answer.answer for answer in read_answers(path).answers):
            raise ConfigurationError(
                "this file holds answers already",
                place=Place(str(path)),
                hint="take them in with `apportion answer` and remove it, or give another --out",
            )
    for path, asked in files:
        write_atomically(path, (HEAD + exact_yaml(_document(asked))).encode())


def _document(asked: QuestionFile) -> dict[str, Any]:
    return {
        "team": asked.team,
        "who": asked.who or None,
        "period": str(asked.period),
        "asked": asked.asked.isoformat(),
        "currency": asked.currency,
        "questions": [
            {
                "resource": one.resource,
                "name": one.name or None,
                "service": one.service or None,
                "account": one.account or None,
                "cost": format(one.cost, "f"),
                "days": one.days,
                "score": one.score,
                "evidence": list(one.evidence),
                "answer": None,
                "because": None,
            }
            for one in asked.questions
        ],
    }


def read_answers(path: Path) -> AnswerFile:
    """Read a question file back; raises ConfigurationError with each fault's line and column."""
    faults = Faults()
    text = read_text(path, Place(str(path)), faults)
    node = y.parse_yaml(text, str(path), faults) if text is not None else None
    if node is None and not faults.found:
        faults.add(Place(str(path), 1, 1), "the file is empty")
    sound = node is not None and FILE.check(node, faults)
    faults.raise_all()
    assert sound
    assert isinstance(node, y.Mapping)
    questions = node.entries["questions"]
    assert isinstance(questions, y.Sequence)
    team = text_of(node, "team")
    return AnswerFile(
        team=team,
        period=as_month(text_of(node, "period")),
        asked=as_day(text_of(node, "asked")),
        answers=tuple(
            _answer(question) for question in questions.items if isinstance(question, y.Mapping)
        ),
    )


def _answer(node: y.Mapping) -> Answer:
    given = node.entries["answer"]
    return Answer(
        resource=text_of(node, "resource"),
        answer=_said(given),
        because=_said(node.entries.get("because")),
        place=given.place,
    )


def _said(node: y.Node | None) -> str:
    """What somebody wrote, or an empty text."""
    return node.text.strip() if isinstance(node, y.Scalar) and not node.missing else ""


def file_name(team: str, period: Period, currency: str, usual: str) -> str:
    """The name of a team's question file: letters and digits, whatever the team is called.

    >>> october = Period(2026, 10)
    >>> file_name("nlp", october, "USD", "USD"), file_name("../x", october, "EUR", "USD")
    ('2026-10-nlp.yaml', '2026-10-x-d6b96a97-EUR.yaml')
    """
    from hashlib import sha256

    plain = "".join(c if c.isalnum() else "-" for c in team).strip("-")
    same = "" if plain == team else f"-{sha256(team.encode()).hexdigest()[:8]}"
    other = "" if currency == usual else f"-{currency}"
    return f"{period}-{plain or 'team'}{same}{other}.yaml"
