"""What was said for the network to learn from is heard; what they never learned from, no less than told.

What people type is never shown: a failure names shares and places."""

from __future__ import annotations

import pytest

from bot.understanding.crisis import NOTHING, assess
from tests.understanding.sets import HERE, apart_by_checksum, learned_from, share, voices


@pytest.mark.parametrize("apart", [False, True], ids=["two thirds", "the third apart"])
def test_voices_are_heard_and_their_near_misses_are_not(apart: bool) -> None:
    lines = [line for path in HERE.glob("crisis_voices*.yaml") for line in voices(path.name)]
    here = [(name, assess(text) != NOTHING) for name, text in lines if apart_by_checksum(text) == apart]
    assert share([noticed for name, noticed in here if name != "near_misses"]) >= 0.8
    assert share([noticed for name, noticed in here if name == "near_misses"]) <= 0.03


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("crisis_unseen_posts.yaml", 0.88, 0.03),
        ("crisis_unseen_mixed.yaml", 0.79, 0.03),
        ("crisis_unseen_tongues.yaml", 0.78, 0.09),
        ("crisis_unseen_chat.yaml", 0.74, 0.16),
        ("crisis_unseen.yaml", 0.65, 0.1),
    ],
    ids=["posts", "mixed", "second tongues", "a late chat", "between the lines"],
)
def test_what_was_never_learned_from_is_heard_no_less_than_this(name: str, least: float, most: float) -> None:
    here = [(block, assess(text) != NOTHING) for block, text in voices(name)]
    assert len(here) >= 580
    assert share([noticed for block, noticed in here if block != "near_misses"]) >= least
    assert share([noticed for block, noticed in here if block == "near_misses"]) <= most


def test_what_was_never_learned_from_stands_in_no_other_set() -> None:
    learned = set(learned_from())
    unseen = [line for path in HERE.glob("crisis_unseen*.yaml") for line in voices(path.name)]
    assert [place for place, (_, text) in enumerate(unseen) if text in learned] == []
