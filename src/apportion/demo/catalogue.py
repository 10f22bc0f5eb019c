"""Everything that runs at the sample company: families of like resources.

A family is one line below: whose it is in truth, in which account, how it is
named, what one of it uses on a usual day in September 2024, and how that grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from apportion.demo.chance import chance
from apportion.demo.company import (
    CV,
    FEATURE_STORE,
    FEATURES,
    FRAUD,
    FRAUD_ACCOUNT,
    ML_SHARED,
    NETWORK,
    NLP,
    PLATFORM,
    PLATFORM_SERVICES,
    REC,
    RUNAWAY,
    SEARCH,
    SEARCH_ACCOUNT,
    TRAINING_DATA,
    Account,
    month_index,
)
from apportion.demo.prices import (
    BLOCK,
    BUILDS,
    C7I,
    C7I_LARGE,
    CACHE,
    CONTROL_PLANE,
    ENDPOINT,
    G6_LARGE,
    G6_SMALL,
    G6E,
    GATEWAY,
    ITEM_READS,
    ITEM_WRITES,
    LABELS,
    LOGS,
    M7I,
    MATERIALISE,
    METRICS,
    OBJECT_CALLS,
    OBJECTS,
    P4DE,
    P5,
    R7I,
    SEARCH_NODES,
    STREAM,
    TOKENS_IN,
    TOKENS_OUT,
    Sku,
)
from apportion.demo.seasons import Season
from apportion.demo.tagging import Tagging, tags_of
from apportion.domain.period import Period

Use = tuple[Sku, int]
"""What is used, and how many thousandths of its unit on a usual day."""

HOUR = 1000
ALL_DAY = 24 * HOUR


class Coverage(StrEnum):
    """Under which terms it is paid: list price less discount, Savings Plan, or reservation."""

    ON_DEMAND = "on demand"
    PLAN = "plan"
    RESERVED = "reserved"


@dataclass(frozen=True)
class Family:
    """Like resources: `count` of them, one more `every` so many months from `start` on."""

    owner: str
    account: Account
    name: str
    uses: tuple[Use, ...]
    count: int = 1
    start: int = 0
    every: int = 0
    growth: int = 8
    season: Season = Season.STEADY
    coverage: Coverage = Coverage.ON_DEMAND
    tagging: Tagging = Tagging.POOR
    disk: int = 0
    only: Period | None = None


@dataclass(frozen=True)
class Resource:
    """One resource: what the bill says of it, and `owner`, who it belongs to in truth."""

    id: str
    name: str
    owner: str
    account: Account
    uses: tuple[Use, ...]
    tags: str
    start: int
    growth: int
    season: Season
    coverage: Coverage
    only: Period | None = None

    def runs_in(self, period: Period) -> bool:
        return period == self.only if self.only else month_index(period) >= self.start


def _gb_months(terabytes: int) -> int:
    """A day's part of storing some terabytes, in thousandths of a GB-month."""
    return terabytes * 1000 * 1000 // 30


RES, OFF, RET, END = Season.RESEARCH, Season.OFFICE, Season.RETAIL, Season.MONTH_END
PLAN, RESERVED = Coverage.PLAN, Coverage.RESERVED
GOOD, NONE, SERVICE = Tagging.GOOD, Tagging.NONE, Tagging.SERVICE
ML, PLAT = ML_SHARED, PLATFORM_SERVICES

FAMILIES: tuple[Family, ...] = (
    # NLP: trains large models, serves them, and calls hosted ones.
    Family(NLP, ML, "nlp-train-{n:02d}", ((P5, 6 * HOUR),), 4, 0, 5, 22, RES, disk=4000),
    Family(NLP, ML, "nlp-finetune-{n:02d}", ((P4DE, 7 * HOUR),), 2, 0, 9, 12, RES, disk=2000),
    Family(NLP, ML, "nlp-serve-prod-{n:02d}", ((G6_LARGE, ALL_DAY),), 8, 0, 2, 0, coverage=PLAN),
    Family(NLP, ML, "nlp-notebook-{n:02d}", ((G6_SMALL, 9 * HOUR),), 4, 0, 3, 0, OFF),
    Family(NLP, ML, "nlp-eval-runner-{n:02d}", ((C7I, 10 * HOUR),), 3, 2, 4, 10, RES),
    Family(NLP, ML, "nlp-corpus", ((OBJECTS, _gb_months(90)), (OBJECT_CALLS, 900_000)), growth=20),
    Family(NLP, ML, "nlp-checkpoints", ((OBJECTS, _gb_months(140)),), growth=25),
    Family(NLP, ML, "nlp-embed-endpoint", ((ENDPOINT, ALL_DAY),), 2, 4, 6),
    Family(NLP, ML, "nlp-assist-profile", ((TOKENS_IN, 300_000_000), (TOKENS_OUT, 40_000_000)),
           start=6, growth=45, season=OFF),
    Family(NLP, ML, "nlp-sweep-hp-{n:02d}", ((P5, ALL_DAY),), 8, growth=0, tagging=GOOD,
           only=RUNAWAY),
    # CV: labels video, trains, and infers at the edge.
    Family(CV, ML, "cv-train-{n:02d}", ((P4DE, 11 * HOUR),), 4, 0, 6, 14, RES, disk=3000),
    Family(CV, ML, "cv-infer-edge-{n:02d}", ((G6E, ALL_DAY),), 8, 0, 2, 0, coverage=PLAN),
    Family(CV, ML, "vision-annotate-{n:02d}", ((M7I, 12 * HOUR),), 3, 0, 5, 4, OFF),
    Family(CV, ML, "cv-labeling-bucket", ((OBJECTS, _gb_months(180)), (OBJECT_CALLS, 600_000)),
           growth=15),
    Family(CV, ML, "cv-video-archive", ((OBJECTS, _gb_months(320)),), growth=18),
    Family(CV, ML, "cv-groundtruth", ((LABELS, 4_000_000),), season=OFF, growth=5),
    Family(CV, ML, "cv-notebook-{n:02d}", ((G6_SMALL, 8 * HOUR),), 3, 0, 4, 0, OFF),
    # Recommendation: ranks in production, and follows the shops' year.
    Family(REC, ML, "rec-ranker-prod-{n:02d}", ((G6_LARGE, ALL_DAY),), 7, 0, 3, 0, coverage=PLAN),
    Family(REC, ML, "rec-ranker-burst-{n:02d}", ((G6_LARGE, 7 * HOUR),), 4, 0, 0, 6, RET),
    Family(REC, ML, "rec-candidate-gen-{n:02d}", ((R7I, ALL_DAY),), 5, 0, 4, 0, coverage=PLAN),
    Family(REC, ML, "rec-train-{n:02d}", ((P4DE, 9 * HOUR),), 2, 0, 10, 10, RET, disk=2500),
    Family(REC, ML, "rec-events", ((OBJECTS, _gb_months(260)), (OBJECT_CALLS, 4_000_000)),
           growth=12, season=RET),
    Family(REC, ML, "reco-ab-test-{n:02d}", ((C7I, 14 * HOUR),), 3, 3, 5, 6, RET),
    # Names that tell nothing: only asking people finds the owner.
    Family(CV, ML, "ip-10-4-17-{n}", ((G6E, 16 * HOUR),), 2, 5, 8, 0, tagging=NONE),
    Family(REC, ML, "tmp-gpu-{n}", ((G6_LARGE, 9 * HOUR),), 2, 8, 7, 0, tagging=NONE),
    Family(NLP, ML, "jupyterhub-{n}", ((R7I, ALL_DAY),), 1, 1, tagging=NONE, season=OFF),
    Family(TRAINING_DATA, ML, "shared-training-data",
           ((OBJECTS, _gb_months(300)), (OBJECT_CALLS, 1_500_000)), growth=10, tagging=NONE),
    Family(NETWORK, ML, "nat-ml-shared", ((GATEWAY, 1_600_000),), growth=9, tagging=NONE),
    # The feature store, used by five teams: about 50,000 USD a month.
    Family(FEATURE_STORE, FEATURES, "fs-offline", ((OBJECTS, _gb_months(640)),
           (OBJECT_CALLS, 5_000_000)), growth=8, tagging=SERVICE),
    Family(FEATURE_STORE, FEATURES, "fs-materialise-{n:02d}", ((C7I_LARGE, 16 * HOUR),), 9, 0, 0,
           6, tagging=SERVICE),
    Family(FEATURE_STORE, FEATURES, "fs-backfill", ((MATERIALISE, 500_000),), growth=5,
           tagging=SERVICE),
    Family(FEATURE_STORE, FEATURES, "fs-online", ((ITEM_WRITES, 220_000), (ITEM_READS, 800_000)),
           growth=6, season=RET, tagging=SERVICE),
    Family(FEATURE_STORE, FEATURES, "fs-cache-{n}", ((CACHE, ALL_DAY),), 4, growth=0,
           coverage=RESERVED, tagging=SERVICE),
    Family(FEATURE_STORE, FEATURES, "fs-stream", ((STREAM, 48 * ALL_DAY // 10),), tagging=NONE),
    # The platform: its cost is everybody's.
    Family(PLATFORM, PLAT, "k8s-{n:02d}", ((CONTROL_PLANE, ALL_DAY),), 6, 0, 4, 0, tagging=GOOD),
    Family(PLATFORM, PLAT, "k8s-system-{n:02d}", ((M7I, ALL_DAY),), 10, 0, 2, 0, coverage=PLAN,
           tagging=GOOD, disk=500),
    Family(PLATFORM, PLAT, "logs-central", ((LOGS, 480_000),), growth=14, tagging=GOOD),
    Family(PLATFORM, PLAT, "metrics", ((METRICS, 1_700_000),), growth=16, tagging=GOOD),
    Family(PLATFORM, PLAT, "ci-runners", ((BUILDS, 9_000_000),), growth=12, season=OFF,
           tagging=GOOD),
    Family(PLATFORM, PLAT, "traces-search", ((SEARCH_NODES, 3 * ALL_DAY),), growth=4,
           tagging=GOOD),
    # Search and fraud live in accounts of their own.
    Family(SEARCH, SEARCH_ACCOUNT, "search-index-{n}", ((SEARCH_NODES, 2 * ALL_DAY),), 6, 0, 5, 0,
           tagging=GOOD),
    Family(SEARCH, SEARCH_ACCOUNT, "search-query-{n:02d}", ((C7I, ALL_DAY),), 8, 0, 3, 0, RET,
           tagging=GOOD),
    Family(SEARCH, SEARCH_ACCOUNT, "search-logs", ((OBJECTS, _gb_months(60)),), growth=14,
           tagging=GOOD),
    Family(FRAUD, FRAUD_ACCOUNT, "fraud-score-{n:02d}", ((C7I, ALL_DAY),), 5, 0, 5, 0,
           coverage=PLAN, tagging=GOOD),
    Family(FRAUD, FRAUD_ACCOUNT, "fraud-graph-{n}", ((R7I, 16 * HOUR),), 3, 0, 6, 6, END,
           tagging=GOOD),
    Family(FRAUD, FRAUD_ACCOUNT, "fraud-endpoint", ((ENDPOINT, ALL_DAY),), 2, 0, 8, tagging=GOOD),
)  # fmt: skip


def resources(seed: int) -> tuple[Resource, ...]:
    """Every resource that ever runs, with the tags that this seed gives it."""
    return tuple(_all(seed))


def _all(seed: int) -> Iterator[Resource]:
    turn = 0
    for family in FAMILIES:
        for n in range(1, family.count + 1):
            name = family.name.format(n=n)
            tags = tags_of(family.owner, family.tagging, turn, chance(seed, "tags", name))
            yield _resource(family, n, name, tags)
            if family.disk:
                yield _disk_of(family, n, name)
            turn += 1


def _resource(family: Family, n: int, name: str, tags: str) -> Resource:
    start = family.start + family.every * (n - 1)
    return Resource(
        _id(family.uses[0][0], family.account, name), name, family.owner, family.account,
        family.uses, tags, start, family.growth, family.season, family.coverage, family.only,
    )  # fmt: skip


def _disk_of(family: Family, n: int, name: str) -> Resource:
    """A machine's volume has no name and no team tag, only the name of its machine."""
    start = family.start + family.every * (n - 1)
    uses = ((BLOCK, family.disk * 1000 // 30),)
    return Resource(
        _id(BLOCK, family.account, f"{name}-disk"), "", family.owner, family.account, uses,
        f'{{"cluster": "{name}"}}', start, 0, Season.STEADY, Coverage.ON_DEMAND, family.only,
    )  # fmt: skip


def _id(sku: Sku, account: Account, name: str) -> str:
    """A resource id in the manner of the cloud; buckets are named, machines numbered."""
    if sku is OBJECTS:
        return f"arn:aws:s3:::{name}-{account.id[-4:]}"
    number = sha256(f"{account.id}/{name}".encode()).hexdigest()[:17]
    forms = {"EC2 Instance": ("ec2", "instance/i-"), "EBS Volume": ("ec2", "volume/vol-")}
    service, kind = forms.get(sku.resource_type, (sku.id.partition("-")[0].lower(), f"{name}/"))
    return f"arn:aws:{service}:us-east-1:{account.id}:{kind}{number}"
