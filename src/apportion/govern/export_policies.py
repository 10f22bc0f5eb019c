"""The required tags as a policy of another tool, which holds resources against it.

Source: Cloud Custodian (YAML, filters such as ``tag:env: absent``); Open Policy Agent (Rego v1).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from apportion.errors import UsageError
from apportion.govern.judge_tags import required_by
from apportion.model.governance import Check, GovernancePolicy
from apportion.model.project import Model
from apportion.model.taxonomy import TagKey

CUSTODIAN_RESOURCES = {"aws": "aws.ec2", "azure": "azure.vm", "gcp": "gcp.instance"}
"""What a policy of Cloud Custodian is about where nobody says."""

TARGETS = ("custodian", "rego")


def export_policies(model: Model, target: str, resources: Iterable[str] = ()) -> str:
    """The tag policies of a model, as the text of a file for another tool.

    `resources` are Cloud Custodian's kinds, say aws.s3. Raises UsageError for a target that
    isn't known, and where the model requires no tag.
    """
    if target not in TARGETS:
        raise UsageError(f"nothing is called {target!r}", hint=f"known: {', '.join(TARGETS)}")
    found = [(one, _required(one, model)) for one in model.governance if one.check is Check.TAGS]
    found = [(policy, keys) for policy, keys in found if keys]
    if not found:
        raise UsageError(
            "no policy requires a tag",
            hint="write one in `governance` with `check: tags`, and `tags`",
        )
    if target == "custodian":
        kinds = tuple(resources) or (CUSTODIAN_RESOURCES["aws"],)
        return "\n".join(_custodian(found, kinds)) + "\n"
    return "\n".join(_rego(found)) + "\n"


def _required(policy: GovernancePolicy, model: Model) -> tuple[TagKey, ...]:
    return required_by(policy, model.taxonomy).required


Found = list[tuple[GovernancePolicy, tuple[TagKey, ...]]]


def _custodian(found: Found, kinds: Iterable[str]) -> Iterator[str]:
    """One policy for each kind of resource; JSON texts are YAML texts too."""
    yield "policies:"
    for policy, keys in found:
        for kind in kinds:
            yield f"  - name: {json.dumps(_name(policy.name, kind))}"
            yield f"    resource: {json.dumps(kind)}"
            yield f"    description: {json.dumps(policy.because)}"
            yield "    filters:"
            yield "      - or:"
            for key in keys:
                tag = json.dumps(f"tag:{key.name}")
                yield f"          - {tag}: absent"
                if key.values:
                    allowed = [*key.values, *key.aliases]
                    yield "          - type: value"
                    yield f"            key: {tag}"
                    yield "            op: not-in"
                    yield f"            value: {json.dumps(allowed)}"


def _name(policy: str, kind: str) -> str:
    """A name as Custodian takes it: letters, digits and dashes."""
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in f"{policy}-{kind}".lower())
    return "-".join(filter(None, plain.split("-")))


def _rego(found: Found) -> Iterator[str]:
    """Input is {"tags": {…}}; each departure is a message in `deny`."""
    yield "package apportion.tags"
    yield ""
    yield "import rego.v1"
    yield ""
    required = {
        key.name: [*key.values, *key.aliases] if key.values else []
        for _, keys in found
        for key in keys
    }
    yield f"required := {json.dumps(required, indent=2, ensure_ascii=False)}"
    yield ""
    yield "deny contains message if {"
    yield "  some key, _ in required"
    yield '  object.get(input.tags, key, "") == ""'
    yield '  message := sprintf("the tag %q is missing", [key])'
    yield "}"
    yield ""
    yield "deny contains message if {"
    yield "  some key, allowed in required"
    yield "  count(allowed) > 0"
    yield '  value := object.get(input.tags, key, "")'
    yield '  value != ""'
    yield "  not value in allowed"
    yield '  message := sprintf("the tag %q may not be %q", [key, value])'
    yield "}"
