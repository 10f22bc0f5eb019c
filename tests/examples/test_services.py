"""The example services are killed in the middle of their work: whatever they answered is
metered exactly once.

Callers note each answer that they got to its end. The service is killed, started again on the
same spool, and in the end stopped. Every answer has one record; there is no second record of
anything; and no more records than calls were made.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from example_services import EXAMPLES, Service
from metering import events

CALLERS = 8
Ask = Callable[[httpx.AsyncClient, str, random.Random], Awaitable[dict[str, Any]]]


class Callers:
    """Clients at once, each call with an id; what they were answered, by id."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._numbers = itertools.count(1)
        self.asked: set[str] = set()
        self.answered: dict[str, dict[str, Any]] = {}

    def call(self, service: Service, enough: int, *, kill: bool) -> None:
        """Call until there are enough answers more; then the service is killed, if wanted."""
        until = len(self.answered) + enough
        asyncio.run(self._all(service, until, kill=kill))

    async def _all(self, service: Service, until: int, *, kill: bool) -> None:
        done = asyncio.Event()
        limits = httpx.Limits(max_connections=CALLERS)
        async with httpx.AsyncClient(base_url=service.url, timeout=10, limits=limits) as client:
            callers = [
                asyncio.create_task(self._one(client, seed, until, done)) for seed in range(CALLERS)
            ]
            await done.wait()
            if kill:
                service.kill()  # the callers are in the middle of calls
            await asyncio.gather(*callers)

    async def _one(
        self, client: httpx.AsyncClient, seed: int, until: int, done: asyncio.Event
    ) -> None:
        chance = random.Random(seed)
        while True:
            name = f"call-{next(self._numbers)}"
            self.asked.add(name)
            try:
                self.answered[name] = await self._ask(client, name, chance)
            except httpx.HTTPError:
                assert done.is_set(), "the service failed before it was killed"
                return
            if len(self.answered) >= until:
                done.set()
            if len(self.answered) >= until + 20:
                return


async def read_features(
    client: httpx.AsyncClient, name: str, chance: random.Random
) -> dict[str, Any]:
    team = chance.choice(["search", "ads"])
    entities = list(range(chance.randrange(1, 40)))
    answer = await client.post(
        "/get-online-features",
        headers={"x-api-key": f"fs-{team}-example", "x-request-id": name, "x-product": "p"},
        json={"view": "customer_7d", "features": ["orders", "basket_value"], "entities": entities},
    )
    assert answer.status_code == 200
    return {
        "TeamLabel": team,
        "ProjectId": "p",
        "ApiKeyId": f"{team}-prod",
        "ResourceId": "customer_7d",
        "feature_reads": 2 * len(answer.json()["results"]),
        "bytes_out": len(answer.content),
        "Status": "success",
    }


async def chat(client: httpx.AsyncClient, name: str, chance: random.Random) -> dict[str, Any]:
    """A chat, streamed or not; who streams may ask for the usage, or not."""
    words = [chance.choice(["alpha", "beta", "gamma"]) for _ in range(chance.randrange(1, 20))]
    stream, asks = chance.random() < 0.6, chance.random() < 0.5
    asked: dict[str, Any] = {
        "model": "echo-1",
        "messages": [{"role": "user", "content": " ".join(words)}],
        "stream": stream,
    }
    if stream and asks:
        asked["stream_options"] = {"include_usage": True}
    headers = {"authorization": "Bearer sk-search-example", "x-request-id": name}
    answer = await client.post("/v1/chat/completions", headers=headers, json=asked)
    assert answer.status_code == 200
    if stream:
        assert answer.text.endswith("data: [DONE]\n\n")
        assert ('"usage"' in answer.text) == asks
    return {
        "TeamLabel": "search",
        "ProjectId": "ranking",
        "ApiKeyId": "search-prod",
        "ModelId": "echo-1",
        "uncached_input_tokens": len(words),
        "output_tokens": len(words),
        "bytes_out": len(answer.content),
        "Status": "success",
    }


@pytest.mark.parametrize(
    ("name", "setting", "ask", "workers"),
    [
        ("feature-server", "FEATURES_SPOOL", read_features, 1),
        ("feature-server", "FEATURES_SPOOL", read_features, 2),
        ("model-server", "MODELS_SPOOL", chat, 1),
    ],
    ids=["features", "features-two-workers", "models"],
)
def test_what_was_answered_is_metered_exactly_once(
    tmp_path: Path, name: str, setting: str, ask: Ask, workers: int
) -> None:
    callers = Callers(ask)
    with Service(name, {setting: str(tmp_path)}, workers=workers) as service:
        for _ in range(2):
            callers.call(service, 150, kill=True)
            assert list(tmp_path.glob("*.open")), "killed while a file was written"
            service.start()
        callers.call(service, 100, kill=False)
        service.stop()
    assert list(tmp_path.glob("*.open")) == []

    records = [one["data"] for one in events(tmp_path)]
    metered = Counter(record["Attributes"]["request_id"] for record in records)
    assert len(callers.answered) >= 400
    assert [name for name in callers.answered if metered[name] != 1] == []
    assert [name for name, times in metered.items() if times != 1] == []
    assert set(metered) <= callers.asked
    # What was killed in the middle of an answer may be metered, though its caller lost it.
    assert len(records) - len(callers.answered) <= 2 * CALLERS
    by_name = {record["Attributes"]["request_id"]: record for record in records}
    for call, answer in callers.answered.items():
        record = by_name[call]
        assert {column: record.get(column) for column in answer} == answer
        assert record["requests"] == 1
    ids = [(one["source"], one["id"]) for one in events(tmp_path)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", ["feature-server", "model-server"])
def test_the_readme_holds_what_is_there(name: str) -> None:
    readme = (EXAMPLES / name / "README.md").read_text()
    shown = json.loads(readme.split("```json\n")[1].split("```")[0])
    assert shown["type"] == "apportion.usage.v1"
    assert {"ProviderName", "Status", "requests", "busy_seconds"} <= set(shown["data"])
    assert shown["data"]["ProviderName"] == name
