"""What kind of cost a charge is, and the columns that say so.

A charge gets them when it is loaded (see the room `classify`). Rules, pools and
reports see them by name, like any other column.
"""

from __future__ import annotations

from enum import StrEnum


class CostClass(StrEnum):
    """The kind of a cost, as its reader asks for it; each charge has exactly one."""

    GPU_COMPUTE = "gpu_compute"
    TPU_COMPUTE = "tpu_compute"
    ACCELERATOR_COMPUTE = "accelerator_compute"
    CPU_COMPUTE = "cpu_compute"
    STORAGE_HOT = "storage_hot"
    STORAGE_WARM = "storage_warm"
    STORAGE_COLD = "storage_cold"
    STORAGE_ARCHIVE = "storage_archive"
    EGRESS_INTERNET = "egress_internet"
    EGRESS_INTER_REGION = "egress_inter_region"
    EGRESS_INTER_ZONE = "egress_inter_zone"
    EGRESS_CDN = "egress_cdn"
    AI_TOKENS = "ai_tokens"
    AI_IMAGES = "ai_images"
    AI_HOURS = "ai_hours"
    AI_OTHER = "ai_other"
    AI_NOT_RECOGNISED = "ai_not_recognised"
    LICENCE = "licence"
    COMMITMENT = "commitment"
    SUPPORT = "support"
    TAX = "tax"
    PROMOTIONAL_CREDIT = "promotional_credit"
    CREDIT = "credit"
    REFUND = "refund"
    ROUNDING = "rounding"
    PEOPLE = "people"
    OTHER = "other"


TOKEN_TYPES = (
    "input",
    "cache_read",
    "cache_write",
    "cache_write_5m",
    "cache_write_1h",
    "output",
)
"""Input that isn't cached, what is read from a cache or written to it (for how long), output."""

COST_CLASS = "x_CostClass"

CLASS_COLUMNS = (
    COST_CLASS,
    "x_AiService",
    "x_AiModelRaw",
    "x_AiModel",
    "x_TokenType",
    "x_TokenModality",
    "x_AiTier",
    "x_AiScope",
    "x_AiBatch",
    "x_AiVariant",
    "x_MachineType",
    "x_GpuModel",
    "x_GpuCount",
    "x_AcceleratorFamily",
    "x_UnitOfUse",
    "x_UnitScale",
    "x_ClassPattern",
)
"""Columns that classification adds to the charge keys; all are texts, NULL where not said."""

NATIVE_COLUMNS = (
    "x_ConsumedService",
    "x_CostType",
    "x_CreditType",
    "x_InstanceType",
    "x_LineItemType",
    "x_MeterCategory",
    "x_MeterName",
    "x_MeterSubCategory",
    "x_Operation",
    "x_PricingBlockSize",
    "x_PricingUnitDescription",
    "x_ProductName",
    "x_ServiceCode",
    "x_ServiceId",
    "x_ServiceType",
    "x_SkuDescription",
    "x_SkuMeterCategory",
    "x_SkuMeterName",
    "x_SkuMeterSubcategory",
    "x_UsageType",
)
"""Columns of bills that classification looks at besides those of FOCUS: in keys when present."""
