"""Which spellings are taken for slips of others, and what a resource's name says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apportion.insight.name_words import MOST, name_words, phrases
from apportion.insight.spelling import nearest_spelling, nearness


@pytest.mark.parametrize(
    ("written", "meant", "why"),
    [
        ("NPL", "nlp", "two letters swapped"),
        ("nlpp", "nlp", "a letter doubled"),
        ("cvv", "cv", "a letter doubled"),
        ("recomendation", "recommendation", "a letter left out"),
        ("computer-vison", "computer-vision", "a letter left out"),
        ("rec-sys", "recsys", "the same word, written otherwise"),
        ("serch", "search", "a letter left out"),
        ("prd", "prod", "a letter left out"),
        ("frauds", "fraud", "a letter too many"),
        ("platfrom", "platform", "two letters swapped"),
        ("observability-tema", "observability-team", "two letters swapped"),
    ],
)
def test_slips_of_the_pen_are_recognised(written: str, meant: str, why: str) -> None:
    found = nearness(written, meant)
    assert found is not None
    assert found.why == why


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("dev", "rev"),
        ("cv", "csv"),
        ("nlp", "nlu"),
        ("nlp-1", "nlp-2"),
        ("cc-101", "cc-1001"),
        ("search", "fraud"),
        ("prod", "production-eu"),
        ("rec", "reach"),
        ("", "nlp"),
        ("---", "nlp"),
        ("nlp", "nlp"),
    ],
)
def test_other_words_are_left_alone(one: str, other: str) -> None:
    assert nearness(one, other) is None


def test_the_nearest_of_several_is_taken_and_ties_do_not_depend_on_order() -> None:
    known = ["fraud", "front", "search"]
    near = nearest_spelling("frauds", known)
    assert near == nearest_spelling("frauds", reversed(known))
    assert near is not None
    assert near.known == "fraud"


@given(st.text(max_size=40), st.text(max_size=40))
def test_nearness_does_not_depend_on_which_word_is_asked_about(one: str, other: str) -> None:
    assert (nearness(one, other) is None) == (nearness(other, one) is None)


@pytest.mark.parametrize(
    ("name", "own_id", "words"),
    [
        ("nlp-train-07", "", ("nlp", "train")),
        ("cv_infer_edge_12", "", ("cv", "infer", "edge")),
        ("NLPTrainProd", "", ("nlp", "train")),
        ("", "arn:aws:ec2:us-east-1:111100000001:instance/i-0123456789abcdef0", ()),
        ("", "arn:aws:sagemaker:us-east-1:1111:endpoint/fraud-endpoint", ("endpoint", "fraud")),
        ("", "/subscriptions/s/resourceGroups/cv-rg/providers/M/disks/d1", ("cv", "rg")),
        ("ip-10-4-17-1", "", ()),
        ("tmp-gpu-2", "", ("tmp", "gpu")),
        ("ｎｌｐ-train", "", ("nlp", "train")),  # noqa: RUF001, full-width letters on purpose
    ],
)
def test_words_of_a_name_leave_out_numbers_hashes_and_generic_ones(
    name: str, own_id: str, words: tuple[str, ...]
) -> None:
    found = name_words(name, own_id)
    assert found[: len(words)] == words if "endpoint" not in words else set(words) <= set(found)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_name_however_hostile_has_few_plain_words(name: str, own_id: str) -> None:
    words = name_words(name, own_id)
    assert len(words) <= MOST
    assert all(word.isprintable() and len(word) > 1 for word in words)
    assert len(list(phrases(words))) <= 4 * MOST
