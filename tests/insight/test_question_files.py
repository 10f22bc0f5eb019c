"""Question files, denials and the assignment file: what is written can be read back exactly."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apportion.domain.period import Period
from apportion.errors import ConfigurationError, UsageError
from apportion.insight.assignment_file import assignment_file, write_assignments
from apportion.insight.denials import Denial, add_denials, denied_teams, read_denials
from apportion.insight.edited_csv import not_a_formula
from apportion.insight.questions import Question, QuestionFile, read_answers, write_questions
from apportion.model.assignments import Assignment
from apportion.model.project import Project
from apportion.model.read_model import read_model
from apportion.model.read_project import read_project

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "@SUM(A1)",
    "answer: accept",
    "quote \" and ' and \\",
    "line\nbreak\r\n\tand tab",
    "\x1b[31mred",
    "# no comment",
    "*alias &anchor !tag",
    "🚀 ünï\u2028\u202ecode",
    "null",
    "",
]
OCTOBER = Period(2026, 10)
TODAY = date(2026, 11, 2)
HEAD = "team: nlp\nperiod: 2026-10\nasked: 2026-11-02"


def question(resource: str = "i-1", name: str = "nlp-train-07") -> Question:
    return Question(resource, name, "EC2", "ml (11)", Decimal("12.50"), 31, 86, (f"name '{name}'",))


def asked(*questions: Question) -> QuestionFile:
    return QuestionFile("nlp", "ann@example.com", OCTOBER, TODAY, "USD", questions)


def project(folder: Path, model: str = "") -> Project:
    (folder / "model").mkdir()
    (folder / "apportion.yaml").write_text("{name: X, currency: USD}")
    units = "organisation: [{name: nlp, kind: team}, {name: cv, kind: team}]\n"
    (folder / "model" / "model.yaml").write_text(units + model)
    return read_project(folder)


def fill(path: Path, *answers: str) -> None:
    """Write answers after the questions, as a person would."""
    parts = path.read_text(encoding="utf-8").split("answer:\n")
    text = parts[0]
    for answer, rest in zip(answers, parts[1:], strict=True):
        text += f"answer: {answer}\n{rest}"
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_come_back_as_they_were(tmp_path: Path, text: str) -> None:
    path = tmp_path / "q.yaml"
    write_questions([(path, asked(question(text or "i-1", text), question("i-2")))])
    read = read_answers(path)
    assert [answer.resource for answer in read.answers] == [text or "i-1", "i-2"]
    assert [answer.answer for answer in read.answers] == ["", ""]
    assert (read.team, read.period, read.asked) == ("nlp", OCTOBER, TODAY)


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30), st.text(max_size=30))
def test_any_resource_id_comes_back_exactly(resource: str, name: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "q.yaml"
        safe = name.encode("utf-8", "replace").decode()
        write_questions([(path, asked(question(resource, safe)))])
        assert read_answers(path).answers[0].resource == resource


def test_answers_know_their_place(tmp_path: Path) -> None:
    path = tmp_path / "q.yaml"
    write_questions([(path, asked(question("i-1"), question("i-2"), question("i-3")))])
    fill(path, "accept", "cv", "")
    found = read_answers(path).answers
    assert [answer.answer for answer in found] == ["accept", "cv", ""]
    line = found[1].place.line
    assert line is not None
    assert path.read_text().splitlines()[line - 1] == "  answer: cv"
    assert found[1].place.column == 11


def test_a_file_with_answers_is_never_overwritten_and_nothing_else_is_written(
    tmp_path: Path,
) -> None:
    path, other = tmp_path / "q.yaml", tmp_path / "other.yaml"
    write_questions([(path, asked(question()))])
    write_questions([(path, asked(question()))])  # without answers it may be asked anew
    fill(path, "deny")
    with pytest.raises(ConfigurationError, match="holds answers"):
        write_questions([(other, asked(question())), (path, asked(question()))])
    assert not other.exists()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "1:1: the file is empty"),
        ("team: nlp", "no 'period'"),
        (
            "team: nlp\nperiod: 2026-10\nasked: 2026-11-02\nquestions:\n- resourc: i-1",
            "5:3: unknown",
        ),
        ("team: nlp\nperiod: soon\nasked: 2026-11-02\nquestions: []", "2:9: 'soon' is not a month"),
        ("a: &x 1\nb: *x", "2:4: the YAML alias"),
        ("{", "not YAML"),
    ],
)
def test_faults_of_a_question_file_name_line_and_column(
    tmp_path: Path, text: str, fault: str
) -> None:
    path = tmp_path / "q.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as raised:
        read_answers(path)
    assert any(fault in str(each) for each in raised.value.all())


def test_denials_are_kept_once_and_read_back(tmp_path: Path) -> None:
    settings_ = project(tmp_path)
    wanted = [
        Denial("=1+1", "nlp", TODAY, "ann", "@not ours"),
        Denial('a, "b"', "cv", TODAY, "bo"),
    ]
    assert add_denials(settings_, wanted) == tuple(wanted)
    assert add_denials(settings_, wanted) == ()
    read = read_denials(settings_)
    assert [(d.resource, d.team) for d in read] == [("=1+1", "nlp"), ('a, "b"', "cv")]
    assert read[0].because == "'@not ours"
    assert denied_teams(read)["=1+1"] == {"nlp"}


def test_what_people_wrote_into_the_denials_stays(tmp_path: Path) -> None:
    settings_ = project(tmp_path)
    path = settings_.model_folder / "denials.csv"
    path.write_text("resource,team,on,ticket\r\ni-9,cv,2026-01-01,T-1")
    add_denials(settings_, [Denial("i-1", "nlp", TODAY, "ann")])
    lines = path.read_text().splitlines()
    assert lines[0] == "resource,team,on,ticket,by,because"
    assert lines[1].startswith("i-9,cv,2026-01-01,T-1")
    path.write_text("resource,team,on\ni-9,cv,yesterday\n")
    with pytest.raises(ConfigurationError, match=r"denials.csv:2"):
        read_denials(settings_)


def test_the_first_assignment_brings_its_rule_along(tmp_path: Path) -> None:
    settings_ = project(tmp_path, "rules: [{name: by tag, team_from_tag: team}]\n")
    one = Assignment("i-1", "nlp", date(2026, 10, 1), because="=1+1", by="ann")
    assert write_assignments(settings_, [one]) == 1
    assert write_assignments(settings_, [one]) == 0
    model = read_model(settings_)
    assert [rule.name for rule in model.rules] == ["accepted proposals", "by tag"]
    assert model.rules[0].evidence == "manual"
    assert [listed.value for listed in model.rules[0].listed] == ["i-1"]
    assert ",'=1+1," in (settings_.model_folder / "assignments.csv").read_text()


def test_the_first_manual_list_of_the_model_is_used_wherever_it_is(tmp_path: Path) -> None:
    rules = """
rules:
  - {name: inventory, resources: inventory.csv}
  - {name: agreed, resources: lists/agreed.csv, evidence: manual}
"""
    settings_ = project(tmp_path, rules)
    (settings_.model_folder / "lists").mkdir()
    (settings_.model_folder / "lists" / "agreed.csv").write_text(
        "ResourceName,team,ticket\nx,cv,T\n"
    )
    file = assignment_file(settings_)
    assert (file.shown, file.column, file.has_rule) == (
        "model/lists/agreed.csv",
        "ResourceName",
        True,
    )
    write_assignments(settings_, [Assignment("nlp-1", "nlp", date(2026, 10, 1))])
    text = file.path.read_text()
    assert text.startswith("ResourceName,team,ticket")
    assert "nlp-1,nlp" in text
    assert "x,cv,T" in text
    assert not (settings_.model_folder / "assignments.csv").exists()


def test_one_resource_is_never_two_teams_on_a_day(tmp_path: Path) -> None:
    settings_ = project(tmp_path)
    october, november = date(2026, 10, 1), date(2026, 11, 1)
    write_assignments(settings_, [Assignment("i-1", "nlp", october)])
    with pytest.raises(UsageError, match="same days"):
        write_assignments(settings_, [Assignment("i-1", "cv", october)])
    write_assignments(settings_, [Assignment("i-1", "cv", november)])
    (rule,) = read_model(settings_).rules
    assert [(one.owner.name, one.valid.until) for one in rule.listed] == [
        ("nlp", november),
        ("cv", None),
    ]


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@a", "\tx", "\rx", "  =1", "\uff1d1", "\uff20x"]
)
def test_notes_are_no_formulas_for_spreadsheets(text: str) -> None:
    assert not_a_formula(text) == f"'{text}"


def test_plain_notes_stay_as_they_are() -> None:
    assert not_a_formula("ticket 12: -5 % of cost") == "ticket 12: -5 % of cost"
