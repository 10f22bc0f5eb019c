"""Identities: which team stands behind a key, a project, a namespace or a user, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apportion.domain.owner import Owner
from apportion.domain.usage import IDENTITIES
from apportion.errors import Place
from apportion.model.dated import ALWAYS, Validity

ATTRIBUTE = "attribute."
"""What the column of an attribute begins with in usage keys."""

KINDS: Mapping[str, str] = {
    "run": "RunId",
    "api_key": "ApiKeyId",
    "service_account": "ServiceAccountId",
    "user": "UserId",
    "namespace": "Namespace",
    "service": "ServiceName",
    "project": "ProjectId",
    "workspace": "WorkspaceId",
    "account": "AccountId",
    "label": "TeamLabel",
}
"""What the model calls an identity, and its column; in the order in which they decide."""

assert tuple(KINDS.values()) == IDENTITIES


@dataclass(frozen=True)
class IdentityMap:
    """One identity, or all that match a pattern, belong to an owner while this holds.

    `column` is that of usage keys; `value` may have ``*`` and ``?`` as wildcards, and
    exact values decide before patterns. `source` is the one whose identities are meant,
    all when empty.
    """

    name: str
    column: str
    value: str
    owner: Owner
    place: Place
    source: str = ""
    valid: Validity = ALWAYS
    because: str = ""

    @property
    def is_pattern(self) -> bool:
        return any(sign in self.value for sign in "*?")
