"""What kind of cost a charge is: the first pattern that knows it decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from apportion.classify.machines import Accelerator, accelerator_named, accelerators_of
from apportion.classify.models import canonical
from apportion.classify.patterns import COMPUTE, Pattern, catalogue
from apportion.classify.subject import Subject
from apportion.classify.units import measured, tokens_in
from apportion.classify.vocabulary import Spoken, read_joined, read_mixed
from apportion.domain.cost_class import COST_CLASS, CostClass

Values = Mapping[str, str]

_MEASURES = {
    CostClass.GPU_COMPUTE: "hours",
    CostClass.TPU_COMPUTE: "hours",
    CostClass.ACCELERATOR_COMPUTE: "hours",
    CostClass.CPU_COMPUTE: "hours",
    CostClass.AI_HOURS: "hours",
    CostClass.AI_IMAGES: "images",
    CostClass.LICENCE: "seats",
    **{one: "gb_months" for one in CostClass if one.startswith("storage_")},
    **{one: "gb" for one in CostClass if one.startswith("egress_")},
}
"""What one asks the price of, by class; of the classes that aren't here there is no one measure."""

_ACCELERATED = {
    CostClass.GPU_COMPUTE: "gpu_hours",
    CostClass.TPU_COMPUTE: "tpu_hours",
    CostClass.ACCELERATOR_COMPUTE: "accelerator_hours",
}
"""Their unit of use is the hour of one of them, not that of the machine."""


class Classifier:
    """Classes charges by the catalogue, after a model's own patterns, which come first.

    >>> charge = {"ServiceName": "AmazonEC2", "SkuMeter": "BoxUsage:p5.48xlarge"}
    >>> found = Classifier().classify(charge | {"PricingUnit": "Hrs"})
    >>> found["x_CostClass"], found["x_GpuModel"], found["x_UnitScale"]
    ('gpu_compute', 'H100', '8')
    """

    def __init__(self, own: Sequence[Pattern] = ()) -> None:
        self._patterns = (*own, *catalogue())
        self._suiting: dict[tuple[object, ...], list[tuple[Pattern, Values]]] = {}

    def classify(self, charge: Mapping[str, str | None]) -> dict[str, str]:
        """The columns of `CLASS_COLUMNS` that can be said of a charge.

        `charge` has the columns of `SUBJECT_COLUMNS`, any of which may be missing.
        """
        subject = Subject.of(charge)
        for pattern, known in self._suits(subject):
            for read in pattern.reads(subject):
                values = _values(pattern, {**known, **read}, subject)
                if values is not None:
                    return values
        return {COST_CLASS: CostClass.OTHER.value}

    def _suits(self, subject: Subject) -> list[tuple[Pattern, Values]]:
        """The patterns whose category and service are the subject's; few differ within a bill."""
        key = (
            subject.category,
            subject.natures,
            subject.service_category,
            subject.services,
            subject.providers,
        )
        found = self._suiting.get(key)
        if found is None:
            suits = ((pattern, pattern.suits(subject)) for pattern in self._patterns)
            found = [(pattern, known) for pattern, known in suits if known is not None]
            self._suiting[key] = found
        return found


def _values(pattern: Pattern, read: Values, subject: Subject) -> dict[str, str] | None:
    """What a pattern says of a subject; None where a word isn't known, so that it doesn't hold."""
    spoken = _spoken(pattern, read)
    if spoken is None:
        return None
    token_type = pattern.sets.get("token_type") or spoken.token_type
    if pattern.cost_class == CostClass.AI_TOKENS and not token_type:
        return None
    raw = pattern.sets.get("model") or read.get("model") or " ".join(spoken.rest)
    values = {
        "x_AiService": pattern.ai_service,
        "x_AiModelRaw": raw,
        "x_AiModel": canonical(raw, pattern.ai_service) if raw else "",
        "x_TokenType": token_type,
        "x_TokenModality": spoken.said.get("modality", ""),
        "x_AiTier": pattern.sets.get("tier") or spoken.said.get("tier", ""),
        "x_AiScope": spoken.said.get("scope", ""),
        "x_AiBatch": spoken.said.get("batch", ""),
        "x_AiVariant": " ".join(spoken.variants),
        "x_ClassPattern": pattern.name,
    }
    machine = _machine(pattern, read, subject)
    if machine is None:
        return None
    values |= machine
    values |= _unit(CostClass(values[COST_CLASS]), values, spoken, subject)
    return {name: value for name, value in values.items() if value}


def _spoken(pattern: Pattern, read: Values) -> Spoken | None:
    if "mixed" in read:
        return read_mixed(pattern.dialect, read["mixed"])
    if "words" in read:
        reader = read_mixed if pattern.dialect == "azure" else read_joined
        spoken = reader(pattern.dialect, read["words"])
        return None if spoken is None or spoken.rest else spoken
    return Spoken({})


def _machine(pattern: Pattern, read: Values, subject: Subject) -> dict[str, str] | None:
    """The class, and the accelerators of a machine; None where a named chip isn't known."""
    machine = read.get("machine", "")
    values = {"x_MachineType": machine.lower().replace(" ", "_")}
    found, count = _accelerator(pattern, read, subject)
    if found is not None:
        values["x_GpuModel"], values["x_AcceleratorFamily"] = found.name, found.family
        values["x_GpuCount"] = "" if count is None else str(count)
    values[COST_CLASS] = pattern.cost_class
    if pattern.cost_class == COMPUTE:
        if found is None and "gpu" in read:
            return None
        values[COST_CLASS] = (found.cost_class if found else CostClass.CPU_COMPUTE).value
    return values


def _accelerator(
    pattern: Pattern, read: Values, subject: Subject
) -> tuple[Accelerator | None, Fraction | None]:
    """The accelerator, and how many of it a machine has; the count is None where nothing says."""
    if named := pattern.sets.get("gpu"):
        count = pattern.sets.get("count")
        known = accelerator_named(named) or Accelerator(named, CostClass.GPU_COMPUTE, "")
        return known, Fraction(count) if count else None
    machine = read.get("machine", "")
    if machine and (of_type := accelerators_of(machine)):
        return of_type
    found = accelerator_named(read.get("gpu") or machine) if read.get("gpu") or machine else None
    count = read.get("count") or pattern.sets.get("count")
    if count is None and any("gpu" in unit.lower() for unit in subject.units):
        count = "1"
    return found, Fraction(count) if count else None


def _unit(
    cost_class: CostClass, values: Values, spoken: Spoken, subject: Subject
) -> dict[str, str]:
    """What one priced unit counts, and how much of it; the scale is left out where none says it."""
    if cost_class is CostClass.AI_TOKENS:
        scale = tokens_in(
            subject.units, subject.block, spoken.said.get("scale", ""), subject.meters
        )
        return {"x_UnitOfUse": "tokens", "x_UnitScale": _text(scale)}
    measure = _MEASURES.get(cost_class)
    if measure is None:
        return {}
    scale = measured(subject.units, measure)
    if scale is None and cost_class is CostClass.AI_IMAGES:
        scale = measured(subject.units, "count")
    if cost_class in _ACCELERATED:
        count = values.get("x_GpuCount")
        scale = scale * Fraction(count) if scale is not None and count else None
        measure = _ACCELERATED[cost_class]
    return {"x_UnitOfUse": measure, "x_UnitScale": _text(scale)} if scale is not None else {}


def _text(value: Fraction | None) -> str:
    return "" if value is None else str(value)
