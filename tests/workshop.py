"""A project folder in which a test of the model writes the files that it speaks of."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from apportion.errors import ConfigurationError
from apportion.model.project import Model
from apportion.model.read_model import read_model
from apportion.model.read_project import read_project

PROJECT = "name: Acme\ncurrency: USD\n"
TEAMS = """\
organisation:
  - {name: nlp, kind: team}
  - {name: vision, kind: team}
  - {name: platform, kind: team}
  - {name: assistant, kind: product}
"""


class Workshop:
    """A project folder; `model` writes model files and reads them, `faults` says what is wrong."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("apportion.yaml", PROJECT)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    def model(self, rules: str = "", **files: str) -> Model:
        """Teams, and what is given as rules.yaml; further files by name (without .yaml)."""
        self.write("model/organisation.yaml", files.pop("organisation", TEAMS))
        self.write("model/rules.yaml", rules)
        for name, text in files.items():
            self.write(f"model/{name}.yaml", text)
        return read_model(read_project(self.root))

    def faults(self, rules: str = "", **files: str) -> list[str]:
        """The faults of a model, each as `file:line:column: what`."""
        with pytest.raises(ConfigurationError) as caught:
            self.model(rules, **files)
        return [f"{fault.place}: {fault.what}" for fault in caught.value.all()]

    def hints(self, rules: str = "", **files: str) -> list[str]:
        with pytest.raises(ConfigurationError) as caught:
            self.model(rules, **files)
        return [fault.hint for fault in caught.value.all()]

    def project_faults(self, text: str) -> list[str]:
        self.write("apportion.yaml", text)
        with pytest.raises(ConfigurationError) as caught:
            read_project(self.root)
        return [f"{fault.place}: {fault.what}" for fault in caught.value.all()]
