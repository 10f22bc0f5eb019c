"""The catalogue of list prices, dated, as the package genai-prices carries it.

Nothing is downloaded: newer prices come with a newer version of the package, and every price
names the version that it was read from. Source: https://github.com/pydantic/genai-prices.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from apportion.domain.usage import COUNTS
from apportion.price.catalogue_names import from_gateway, model_names, provider_id
from apportion.price.meter_prices import meter_prices, starts_of
from apportion.price.service_tiers import context_of, unlisted
from apportion.price.usage_class import DAY, MeterPrice

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo, ModelPrice, Provider

NAME = "genai-prices"
CURRENCY = "USD"


@dataclass(frozen=True)
class Listed:
    """A model as the catalogue lists it, for one service tier."""

    provider: Provider
    model: ModelInfo
    tier: str

    @property
    def own(self) -> bool:
        """Whether the provider lists the model itself: another's list lends its standard prices."""
        return any(self.model is model for model in self.provider.models)

    @property
    def title(self) -> str:
        tier = f", {self.tier}" if self.tier else ""
        return f"{self.provider.id}/{self.model.id}{tier}"


class Catalogue:
    """The list prices of one version of the package."""

    def __init__(self) -> None:
        from importlib.metadata import version

        self.version = version(NAME)
        self._snapshot = _bundled()

    def find(self, provider: str, model: str) -> tuple[Provider, ModelInfo] | None:
        """The listed model that usage means, or None: a name that isn't known is never guessed."""
        if not model:
            return None
        named = provider_id(provider) if provider else from_gateway(model)
        if named in {"litellm", "litellm_proxy"}:
            named = from_gateway(model)
        for name in model_names(model, named):
            try:
                return self._snapshot.find_provider_model(name, None, named or None, None)
            except LookupError:
                continue
        return None

    def cuts(self, listed: Listed) -> frozenset[date]:
        """The days on which a price of the model begins."""
        from genai_prices.types import StartDateConstraint

        return frozenset(
            one.start_date
            for one in _constraints(listed.model)
            if isinstance(one, StartDateConstraint)
        )

    def times(self, listed: Listed) -> tuple[int, ...]:
        """The times of the day, in microseconds UTC, at which a price of the model changes."""
        from genai_prices.types import TimeOfDateConstraint

        found = {0, DAY}
        for one in _constraints(listed.model):
            if isinstance(one, TimeOfDateConstraint):
                for at in (one.start_time, one.end_time):
                    moment = datetime.combine(date(1970, 1, 2), at)
                    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
                    since = aware.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
                    found.add(since // timedelta(microseconds=1) % DAY)
        return tuple(sorted(found))

    def prices(self, listed: Listed, day: date, since: int) -> tuple[ModelPrice | None, str]:
        """The prices at a time of a day, or None and the reason why there are none."""
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(microseconds=since)
        if listed.tier and not listed.own:
            return None, unlisted(listed.tier)
        context, reason = context_of(listed.model, listed.tier, moment)
        return (None, reason) if reason else (listed.model.get_prices(moment, context), "")

    def starts(self, price: ModelPrice) -> frozenset[int]:
        """The sizes of prompts from which another price holds, as the least size that pays it."""
        return starts_of(price)

    def meter_prices(self, price: ModelPrice, size: int, title: str) -> dict[str, MeterPrice]:
        """The price of each meter for a prompt of a size; raises ValueError as the package does."""
        origin = f"{NAME} {self.version}: {title}"
        return {
            meter: MeterPrice(amount, per, CURRENCY, origin)
            for meter, (amount, per) in meter_prices(price, size).items()
            if meter in _METERS
        }


_METERS = frozenset(one.name for one in COUNTS)


def _constraints(model: ModelInfo) -> Iterable[object]:
    from genai_prices.types import ModelPrice

    if not isinstance(model.prices, ModelPrice):
        yield from (one.constraint for one in model.prices)
    yield from (one.constraint for one in model.price_variants or ())


@lru_cache(maxsize=1)
def _bundled() -> DataSnapshot:
    """The data of the package itself, whatever this process may have fetched beside it."""
    from genai_prices.data import providers
    from genai_prices.data_snapshot import DataSnapshot

    return DataSnapshot(providers=providers, from_auto_update=False)
