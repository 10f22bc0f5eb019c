"""Usage as the load would hand it over, priced: what a test of prices says of records."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa

from apportion.domain.period import Span
from apportion.domain.usage import COUNTS, DESCRIPTIONS, INPUT_TOKENS, LEVELS, OUTPUT_TOKENS
from apportion.model.usage_prices import RESOURCE_ATTRIBUTES, UsagePrice
from apportion.price.price_usage import PricedUsage, price_usage
from apportion.price.usage_relations import PRICED, UNPRICED, UsageRelations
from apportion.sources.usage.usage_rows import SCHEMA
from apportion.store.engine import Engine, open_engine
from apportion.store.relation import column, sql, table

OCTOBER = Span(date(2026, 10, 1), date(2026, 11, 1))
KEY = (*DESCRIPTIONS[:5], "ResourceId", *RESOURCE_ATTRIBUTES)
RELATIONS = UsageRelations("keys", "daily", "events", RESOURCE_ATTRIBUTES)

Record = Mapping[str, Any]


def request(when: str, provider: str, model: str, **values: Any) -> dict[str, Any]:
    """One request; `tier` and `window` are short for ServiceTier and ContextWindow."""
    names = {"tier": "ServiceTier", "window": "ContextWindow", "region": "RegionId"}
    named = {names.get(name, name): value for name, value in values.items()}
    start = datetime.fromisoformat(when)
    return {"UsageStart": start, "ProviderName": provider, "ModelId": model, "requests": 1, **named}


def key_of(record: Record) -> str:
    return "|".join(str(record.get(name) or "") for name in KEY)


class Priced:
    """Records priced: lines of what has a price, and of what has none."""

    def __init__(
        self,
        records: Iterable[Record],
        prices: Sequence[UsagePrice] = (),
        span: Span = OCTOBER,
        engine: Engine | None = None,
    ) -> None:
        held = [{**record, "KeyId": key_of(record)} for record in records]
        self.engine = engine or open_engine()
        self.engine.rows("keys", _keys(held))
        self.engine.rows("events", _events(held))
        self.engine.rows("daily", _daily(held))
        self.result: PricedUsage = price_usage(self.engine, RELATIONS, prices, span)
        self.lines = self._fetch(PRICED)
        self.unpriced = self._fetch(UNPRICED)

    def _fetch(self, name: str) -> list[dict[str, Any]]:
        found = self.engine.fetch(
            sql("SELECT * FROM _t AS t ORDER BY _m, t.KeyId, t.UsageDate, t.Quantity",
                _t=table(name), _m=column("Meter", "t"))
        )  # fmt: skip
        rows: list[dict[str, Any]] = found.to_pylist()
        return rows

    def cost(self, **which: object) -> Fraction:
        """The cost of all lines that a filter chooses."""
        return sum(
            (
                Fraction(line["Amount"]) / line["Divisor"]
                for line in self.lines
                if all(line[name] == value for name, value in which.items())
            ),
            Fraction(0),
        )

    def origins(self) -> set[str]:
        return {self.result.book.prices[line["PriceId"]].price.origin for line in self.lines}

    def reasons(self) -> set[str]:
        classes = self.result.book.classes
        return {text for line in self.unpriced for text in classes[line["ClassId"]].reasons}


def _keys(records: Sequence[Record]) -> pa.Table:
    distinct = {record["KeyId"]: record for record in records}
    columns: dict[str, list[Any]] = {"KeyId": list(distinct)}
    for name in (*DESCRIPTIONS, *RESOURCE_ATTRIBUTES):
        known = f"attribute.{name}" if name in RESOURCE_ATTRIBUTES else name
        columns[known] = [record.get(name) for record in distinct.values()]
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def _events(records: Sequence[Record]) -> pa.Table:
    names = {"KeyId": pa.string(), "UsageStart": SCHEMA["UsageStart"]}
    names |= {one.name: SCHEMA[one.name] for one in COUNTS}
    return pa.table(
        {name: pa.array([r.get(name) for r in records], kind) for name, kind in names.items()}
    )


def _daily(records: Sequence[Record]) -> pa.Table:
    """As the load folds it: counts by day, levels in microseconds (`gpus` hold an hour here)."""
    sums: dict[tuple[str, date, str, int], Decimal] = {}
    for record in records:
        for meter in (*COUNTS, *LEVELS):
            if (value := record.get(meter.name)) is None:
                continue
            per = 3_600_000_000 if meter.is_level else 1
            name = meter.quantity or meter.name
            key = (record["KeyId"], record["UsageStart"].date(), name, per)
            sums[key] = sums.get(key, Decimal(0)) + Decimal(value) * per
    return pa.table(
        {
            "KeyId": pa.array([key[0] for key in sums], pa.string()),
            "UsageDate": pa.array([key[1] for key in sums], pa.date32()),
            "Meter": pa.array([key[2] for key in sums], pa.string()),
            "Quantity": pa.array(list(sums.values()), pa.decimal128(38, 12)),
            "Per": pa.array([key[3] for key in sums], pa.int64()),
        }
    )


def listed_cost(record: Record, context: Mapping[str, str] | None = None) -> Decimal:
    """What genai-prices itself says of a request."""
    from genai_prices import Usage, calc_price

    of = {name: int(record.get(name) or 0) for name in (*INPUT_TOKENS, *OUTPUT_TOKENS)}
    usage = Usage(
        input_tokens=sum(of[name] for name in INPUT_TOKENS),
        output_tokens=sum(of[name] for name in OUTPUT_TOKENS),
        cache_read_tokens=of["cache_read_tokens"] + of["cache_read_audio_tokens"],
        cache_write_tokens=of["cache_write_5m_tokens"] + of["cache_write_1h_tokens"],
        cache_write_5m_tokens=of["cache_write_5m_tokens"],
        cache_write_1h_tokens=of["cache_write_1h_tokens"],
        input_audio_tokens=of["input_audio_tokens"] + of["cache_read_audio_tokens"],
        cache_audio_read_tokens=of["cache_read_audio_tokens"],
        input_image_tokens=of["input_image_tokens"],
        cache_image_read_tokens=0,
        output_audio_tokens=of["output_audio_tokens"],
        output_image_tokens=of["output_image_tokens"],
        output_reasoning_tokens=int(record.get("reasoning_tokens") or 0),
        web_searches=int(record.get("web_searches") or 0),
    )
    return calc_price(
        usage,
        record["ModelId"],
        provider_id=record["ProviderName"],
        genai_request_timestamp=record["UsageStart"],
        price_context=dict(context) if context else None,
    ).total_price


def random_requests(seed: int, count: int, models: Sequence[tuple[str, str]]) -> list[Record]:
    """Requests of some models, with every class of tokens, over a month."""
    chance = random.Random(seed)
    made: list[Record] = []
    for number in range(count):
        provider, model = models[number % len(models)]
        start = datetime(2026, 10, 1) + timedelta(seconds=chance.randrange(31 * 86_400))  # noqa: DTZ001
        meters: dict[str, int] = {}
        for name in (*INPUT_TOKENS, *OUTPUT_TOKENS):
            if chance.random() < (0.9 if name in {INPUT_TOKENS[0], OUTPUT_TOKENS[0]} else 0.15):
                meters[name] = int(10 ** chance.uniform(0, 5.6))
        if chance.random() < 0.1:
            meters["web_searches"] = chance.randrange(1, 5)
        if meters.get("output_tokens") and chance.random() < 0.2:
            meters["reasoning_tokens"] = chance.randrange(meters["output_tokens"])
        made.append(
            {
                "UsageStart": start,
                "ProviderName": provider,
                "ModelId": model,
                "requests": 1,
                "ApiKeyId": f"key-{chance.randrange(50)}",
                **meters,
            }
        )
    return made
