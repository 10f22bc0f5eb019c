"""A load in a process of its own: `rival_load.py URL NAME [SEEN]`.

It says "ready", waits for a line, commits, and says what came of it. With
``--die-at TABLE`` it is killed at the very statement that writes to a table,
with all before it done and nothing committed.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys

from sqlalchemy import event

from apportion.errors import LoadConflict
from apportion.store.books import Books
from book_values import OCTOBER, snapshot


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("name")
    parser.add_argument("seen", nargs="?")
    parser.add_argument("--die-at")
    given = parser.parse_args()
    books = Books.open(given.url)
    if given.die_at:

        def die(*call: object) -> None:
            if f"{given.die_at} " in str(call[2]) and not str(call[2]).startswith("SELECT"):
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(books._engine, "after_cursor_execute", die)
    say("ready")
    sys.stdin.readline()
    try:
        won = books.commit_load("aws", [snapshot(given.name)], {OCTOBER: given.seen}, given.name)
    except LoadConflict as conflict:
        say(f"lost: {' '.join(str(conflict).split())}")
    else:
        say(f"won: {won[0].id}")


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
