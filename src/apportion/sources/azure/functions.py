"""Functions that Azure's readings call by name: what SQL can't say of texts is said in Python."""

from __future__ import annotations

from apportion.domain.money import PRECISION, SCALE
from apportion.sources.azure.services import (
    AZURE_CATEGORY,
    AZURE_SERVICE,
    read_category,
    read_service,
)
from apportion.sources.azure.units import (
    AZURE_BLOCK,
    AZURE_PART,
    AZURE_UNIT,
    read_block,
    read_part,
    read_unit,
)
from apportion.sources.product import ODD_PRODUCT, multiply
from apportion.sources.reading import Function

FUNCTIONS = (
    Function(ODD_PRODUCT, multiply, f"DECIMAL({PRECISION}, {SCALE})"),
    Function(AZURE_BLOCK, read_block),
    Function(AZURE_CATEGORY, read_category),
    Function(AZURE_PART, read_part),
    Function(AZURE_SERVICE, read_service),
    Function(AZURE_UNIT, read_unit),
)
