"""A model's own patterns of what kind of cost a charge is."""

from __future__ import annotations

from dataclasses import dataclass

from apportion.domain.cost_class import CostClass
from apportion.errors import Place
from apportion.model.dated import ALWAYS, Validity


@dataclass(frozen=True)
class ClassRule:
    """Charges of a service or meter are of a class; tried before the catalogue, first match first.

    `service` and `meter` are name patterns, any of which may match. `sets` are
    further facts by name: model, token_type, tier, gpu, count.
    """

    name: str
    position: int
    place: Place
    cost_class: CostClass
    service: tuple[str, ...] = ()
    meter: tuple[str, ...] = ()
    ai_service: str = ""
    sets: tuple[tuple[str, str], ...] = ()
    valid: Validity = ALWAYS
    because: str = ""
    responsible: str = ""
