"""The tutorial of the books, command by command: each says what the page says that it says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "close-the-books.md"
MOST_SECONDS = 120


def steps() -> Iterator[tuple[str, list[str]]]:
    """Each command, and the lines that the page shows of what it says."""
    for block in re.findall(r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        for part in re.split(r"(?m)^\$ ", block)[1:]:
            command, *said = part.strip().splitlines()
            yield command, said


class Shell:
    """As much of a shell as the page needs; what runs beside it is stopped in the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "COLUMNS": "200", "PYTHONPATH": os.pathsep.join(sys.path)}
        self.beside: list[subprocess.Popen[bytes]] = []

    def run(self, command: str) -> str:
        words = shlex.split(command)
        environment = dict(self.environment)
        if words[0] == "export":
            self.environment |= dict(word.split("=", 1) for word in words[1:])
            return ""
        if words[0] == "cd":
            self.folder /= words[1]
            return ""
        if words[0] == "echo":
            with (self.folder / words[-1]).open("a", encoding="utf-8") as file:
                file.write(words[1] + "\n")
            return ""
        while "=" in words[0]:
            name, value = words.pop(0).split("=", 1)
            environment[name] = value
        assert words[0] == "apportion", command
        return self._apportion(words[1:], environment)

    def _apportion(self, words: list[str], environment: dict[str, str]) -> str:
        given = [sys.executable, "-m", "apportion", *(word for word in words if word != "&")]
        output = self.folder / f"said-{len(self.beside)}.txt"
        if "&" not in words:
            done = subprocess.run(
                given,
                cwd=self.folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=MOST_SECONDS,
                check=False,
            )
            return done.stdout.decode()
        with output.open("wb") as file:
            process = subprocess.Popen(
                given, cwd=self.folder, env=environment, stdout=file, stderr=subprocess.STDOUT
            )
        self.beside.append(process)
        until = time.monotonic() + MOST_SECONDS
        while "http" not in output.read_text() and time.monotonic() < until:
            assert process.poll() is None, output.read_text()
            time.sleep(0.1)
        return output.read_text()

    def stop(self) -> None:
        for process in self.beside:
            process.terminate()
            process.wait(timeout=10)


def plain(text: str) -> str:
    """A text without the blanks of a table."""
    return re.sub(r"\s+", " ", text)


def test_each_command_of_the_tutorial_says_what_the_page_says(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    try:
        for command, expected in steps():
            said = shell.run(command)
            assert "Traceback" not in said, f"{command}\n{said}"
            for line in expected:
                assert plain(line) in plain(said), f"$ {command}\n{said}"
    finally:
        shell.stop()
    assert len(shell.beside) == 2
