"""How `apportion pull` fetches a source from its provider, as apportion.yaml declares it.

What each interface of a provider can be asked stands here too, so that a setting that it
doesn't know is told before anything is fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apportion.errors import Place

MINUTE, HOUR, DAY = "1m", "1h", "1d"


@dataclass(frozen=True)
class PullSpec:
    """What is fetched, and with which key.

    `key` says where the key lies (``env:NAME`` or ``file:PATH``), never what it is.
    `endpoint` is the URL of another server that speaks like the provider's. `reports`
    are those of the interface's reports that are wanted, `group_by` what they are grouped
    by, `bucket` how long the buckets are; all that can be asked when empty.
    """

    api: str
    key: str
    place: Place
    endpoint: str = ""
    reports: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    bucket: str = DAY


@dataclass(frozen=True)
class Interface:
    """An interface of a provider: its reports, each with what it can be grouped by.

    `usual` is what it is grouped by when nobody says otherwise. `days` are those that its
    provider may still change: they are read again. `formats` are those that read it, where
    they aren't called like it.
    """

    reports: Mapping[str, tuple[str, ...]]
    usual: tuple[str, ...]
    days: int
    buckets: tuple[str, ...] = (DAY,)
    is_bill: bool = False
    formats: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """All that some report of it can be grouped by."""
        return tuple(dict.fromkeys(group for groups in self.reports.values() for group in groups))


_WHO = ("project_id", "user_id", "api_key_id")
_CALL = (*_WHO, "model")

OPENAI_USAGE = Interface(
    reports={
        "completions": (*_CALL, "batch", "service_tier"),
        "embeddings": _CALL,
        "moderations": _CALL,
        "images": (*_CALL, "size", "source"),
        "audio_speeches": _CALL,
        "audio_transcriptions": _CALL,
        "vector_stores": ("project_id",),
        "code_interpreter_sessions": ("project_id",),
        "file_search_calls": (*_WHO, "vector_store_id"),
        "web_search_calls": (*_CALL, "context_level"),
    },
    usual=(*_CALL, "batch", "service_tier", "size", "source", "vector_store_id", "context_level"),
    days=7,
    buckets=(MINUTE, HOUR, DAY),
)
OPENAI_COSTS = Interface(
    reports={"costs": ("project_id", "line_item", "api_key_id", "user_id", "api_source")},
    usual=("project_id", "line_item"),
    days=7,
    is_bill=True,
)
ANTHROPIC_USAGE = Interface(
    reports={
        "messages": (
            "api_key_id",
            "workspace_id",
            "model",
            "service_tier",
            "context_window",
            "inference_geo",
            "account_id",
            "service_account_id",
            "speed",
        )
    },
    usual=(
        "api_key_id",
        "workspace_id",
        "model",
        "service_tier",
        "context_window",
        "inference_geo",
    ),
    days=3,
    buckets=(MINUTE, HOUR, DAY),
)
ANTHROPIC_COSTS = Interface(
    reports={"cost_report": ("workspace_id", "description", "inference_geo")},
    usual=("workspace_id", "description"),
    days=3,
    is_bill=True,
)
OPENROUTER_ACTIVITY = Interface(
    reports={"activity": ()}, usual=(), days=2, formats=("openrouter", "openrouter-activity")
)

INTERFACES: Mapping[str, Interface] = {
    "openai-usage": OPENAI_USAGE,
    "openai-costs": OPENAI_COSTS,
    "anthropic-usage": ANTHROPIC_USAGE,
    "anthropic-costs": ANTHROPIC_COSTS,
    "openrouter-activity": OPENROUTER_ACTIVITY,
}
"""Interfaces by the name that `api` gives them."""
