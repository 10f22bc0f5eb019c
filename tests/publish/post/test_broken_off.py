"""A post that is killed between any two steps is taken up by posting again, and never doubled."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from apportion.domain.period_life import PeriodState
from apportion.domain.posting import PostingState
from apportion.store.books import Books
from apportion.store.books.postings import read_postings
from posting import TARGETS, Place, place
from small_projects import OCTOBER

KILLED = """
import os, sys
from apportion.domain.period import Period
from apportion.domain.posting import PostingState
from apportion.publish.erp.post import outbox, post_period
from apportion.publish.erp.post.connectors import connector_named
from apportion.run.open_project import OpenProject

folder, target, where = sys.argv[1:]

def die():
    os.kill(os.getpid(), 9)

before, _, state = where.partition(" ")
if where == "after the outbox":
    prepare = post_period._prepare
    post_period._prepare = lambda *them: (prepare(*them), die())
elif where == "after the answer":
    kind = connector_named(target)
    send = kind.send
    kind.send = lambda *them: (send(*them), die())[0]
else:
    add = outbox.add_attempt
    def killing(connection, posting, attempt):
        if before == "within" and attempt.state is PostingState(state):
            add(connection, posting, attempt)
            die()
        add(connection, posting, attempt)
    outbox.add_attempt = killing
    if before == "after":
        write, take = outbox.Outbox.write, outbox.Outbox.take
        def writing(self, named, **more):
            found = write(self, named, **more)
            return die() if named is PostingState(state) else found
        def taking(self):
            found = take(self)
            return die() if found.state is PostingState(state) else found
        outbox.Outbox.write, outbox.Outbox.take = writing, taking
with OpenProject(folder) as project:
    post_period.post(project, Period(2026, 10), target, actor="ben")
"""
WHERE = [
    "after the outbox",
    "within prepared",
    "after prepared",
    "within sent",
    "after sent",
    "after the answer",
    "within accepted",
    "after accepted",
    "within posted",
    "after posted",
]


def killed(at: Place, where: str) -> None:
    process = at.start(KILLED, where)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == -9, said


@pytest.mark.parametrize("where", WHERE)
def test_it_goes_on_where_it_was_killed(tmp_path: Path, where: str) -> None:
    with place(tmp_path / "p", "sap") as at:
        killed(at, where)
        found = at.post()
        assert (found.whole, found.state, at.kept) == (True, PeriodState.POSTED, 1)
        with at.small.open() as project:
            assert project.books.verify_audit()[2] is None


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("where", ["after sent", "after the answer"])
def test_each_erp_on_each_database(tmp_path: Path, target: str, where: str, books_url: str) -> None:
    with place(tmp_path / "p", target, books=books_url) as at:
        killed(at, where)
        assert at.post().whole
        assert at.kept == 1


@pytest.mark.parametrize("seed", range(2))
def test_kills_at_random_moments_lose_nothing_and_double_nothing(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with place(tmp_path / "p", "sap", ["busy", "time-out"], more=", lines: 2") as at:
        for _ in range(6):
            process = at.start(POSTS, "ben")
            time.sleep(chance.uniform(0.6, 2.2))
            process.kill()
            process.communicate(timeout=60)
        found = at.post()
        assert (found.whole, found.state, at.kept) == (True, PeriodState.POSTED, 2)
        with at.small.open() as project:
            assert project.books.verify_audit()[2] is None


POSTS = """
import sys
from apportion.domain.period import Period
from apportion.publish.erp.post.post_period import post
from apportion.run.open_project import OpenProject

with OpenProject(sys.argv[1]) as project:
    found = post(project, Period(2026, 10), sys.argv[2], actor=sys.argv[3])
    print(*(one.last.actor for one in found.postings if one.is_posted), found.by_others)
"""


def test_of_eight_who_post_at_once_one_posts_and_the_others_are_told(
    tmp_path: Path, books_url: str
) -> None:
    with place(tmp_path / "p", "sap", books=books_url) as at:
        started = [at.start(POSTS, f"user{number}") for number in range(8)]
        said = [one.communicate(timeout=120)[0] for one in started]
        assert all(one.returncode == 0 for one in started), said
        assert at.kept == 1
        found = at.post()
        assert found.whole
        posting = found.postings[0]
        assert posting.last is not None
        winner = posting.last.actor
        told = [one for one in said if not one.startswith(f"{winner} {{}}")]
        assert all("is at it since" in one for one in told)
        with at.small.open() as project:
            sent = project.books.audit(action="post")
            assert [one.detail["after"] for one in sent].count("sent") == 1


def test_who_is_alive_keeps_it(tmp_path: Path) -> None:
    """A process that waits, with the posting in its hands, isn't overtaken."""
    waiting = POSTS.replace(
        "with OpenProject",
        "import time\n"
        "from apportion.publish.erp.post.sap import Sap\n"
        "send = Sap.send\n"
        "def slow(*them):\n"
        "    print('at it', flush=True)\n"
        "    time.sleep(6)\n"
        "    return send(*them)\n"
        "Sap.send = slow\n"
        "with OpenProject",
    )
    with place(tmp_path / "p", "sap") as at:
        process = at.start(waiting, "ann2")
        assert process.stdout is not None
        assert process.stdout.readline() == "at it\n"
        found = at.post()
        (told,) = found.by_others.values()
        assert told.startswith("ann2 is at it since")
        assert at.kept == 0
        process.communicate(timeout=60)
        assert (at.kept, at.post().whole) == (1, True)


def test_the_outbox_is_in_the_books_before_anything_is_sent(tmp_path: Path) -> None:
    with place(tmp_path / "p", "xero") as at:
        answer = at.server.vendor.answer
        seen = []

        def looking(asked, fault):  # type: ignore[no-untyped-def]
            books = Books.open(f"sqlite:///{next(at.small.root.rglob('books.sqlite'))}")
            with books.reading() as connection:
                seen.append(read_postings(connection, OCTOBER)[0].state)
            books.close()
            return answer(asked, fault)

        at.server.vendor.answer = looking  # type: ignore[method-assign]
        at.post()
        assert seen == [PostingState.PREPARED, PostingState.SENT, PostingState.ACCEPTED]
