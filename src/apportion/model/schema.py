"""JSON Schema of the YAML files, for editors: from the same tables that the reader checks by."""

from __future__ import annotations

import json
from pathlib import Path

from apportion.model.model_forms import MODEL
from apportion.model.project_forms import PROJECT
from apportion.model.shape import Form, Schema
from apportion.model.text_file import write_atomically

DRAFT = "https://json-schema.org/draft/2020-12/schema"
PROJECT_FILE = "apportion.schema.json"
MODEL_FILE = "model.schema.json"


def project_schema() -> Schema:
    """The JSON Schema (draft 2020-12) of apportion.yaml."""
    return _document(PROJECT, PROJECT_FILE, "apportion.yaml: a project")


def model_schema() -> Schema:
    """The JSON Schema (draft 2020-12) of a file of the model folder.

    >>> sorted(model_schema()["properties"])[:3]
    ['accounts', 'allocation', 'budgets']
    """
    return _document(MODEL, MODEL_FILE, "A file of the model folder")


def _document(form: Form, name: str, title: str) -> Schema:
    return {"$schema": DRAFT, "$id": name, "title": title, **form.schema()}


def write_schemas(folder: Path) -> list[Path]:
    """Write both schemas into a folder, and say where.

    An editor with a YAML language server takes them from its settings, or from
    a first line such as ``# yaml-language-server: $schema=schemas/model.schema.json``.
    """
    written = []
    for name, schema in ((PROJECT_FILE, project_schema()), (MODEL_FILE, model_schema())):
        path = folder / name
        write_atomically(path, (json.dumps(schema, indent=2) + "\n").encode())
        written.append(path)
    return written
