"""What the name or id of a resource says: its words, without numbers, hashes and generic ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

Words = tuple[str, ...]

LONGEST = 4
"""Words that a phrase has at most."""

MOST = 12
"""Words of a name that count; what follows in a longer one is left aside."""

GENERIC = frozenset(
    "prod production prd dev development staging stage stg test tst qa uat sandbox demo "
    "us eu ap ca sa af me east west north south central northeast southeast northwest southwest "
    "arn aws azure gcp instance volume vol snapshot snap eni subscriptions resourcegroups "
    "providers microsoft projects zones regions instances googleapis com ip the and of".split()
)
"""Environments, regions and the words that ids are built of. They don't point to an owner."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_HASH = re.compile(r"(?=.*\d)[0-9a-f]{8,}|(?=.*\d)[0-9a-z]{16,}")
_ARN_PARTS = 6


@lru_cache(maxsize=131072)
def name_words(name: str, resource_id: str) -> Words:
    """The words of a resource's name or, where it has none, of the own part of its id.

    >>> name_words("nlp-train-07", "i-0a1b2c3d4e5f"), name_words("", "arn:aws:s3:::nlp-corpus-0001")
    (('nlp', 'train'), ('nlp', 'corpus'))
    >>> name_words("VisionEdgeProd2", ""), name_words("ip-10-4-17-1", "")
    (('vision', 'edge'), ())
    """
    text = unicodedata.normalize("NFKC", name.strip() or own_part(resource_id))
    parts = re.split(r"[\W_]+", _CAMEL.sub(" ", text))
    return tuple(word for part in parts if (word := _word(part)))[:MOST]


def own_part(resource_id: str) -> str:
    """What of an id names the resource itself: an ARN's last field; an Azure id's group and name.

    >>> own_part("/subscriptions/0-1/resourceGroups/cv-rg/providers/Microsoft.Compute/disks/d1")
    'cv-rg/d1'
    """
    if resource_id.startswith("arn:"):
        return resource_id.split(":", _ARN_PARTS - 1)[-1]
    parts = resource_id.strip("/").split("/")
    lowered = [part.casefold() for part in parts]
    if "resourcegroups" in lowered[:-1]:
        return f"{parts[lowered.index('resourcegroups') + 1]}/{parts[-1]}"
    return parts[-1] if len(parts) > 4 else resource_id


def _word(part: str) -> str:
    """A part of a name as a word, or an empty text where it says nothing."""
    word = part.casefold()
    if _HASH.fullmatch(word):
        return ""
    word = word.rstrip("0123456789")
    return word if len(word) > 1 and word not in GENERIC else ""


def phrases(words: Words) -> Iterator[Words]:
    """Every run of one to four neighbouring words, the longest first.

    >>> [" ".join(phrase) for phrase in phrases(("nlp", "train", "spot"))]
    ['nlp train spot', 'nlp train', 'train spot', 'nlp', 'train', 'spot']
    """
    for length in range(min(LONGEST, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            yield words[start : start + length]
