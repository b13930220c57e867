"""Weights added up: what is weighed is what the lines say, and the heaviest stretch decides."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.weigh import HARD, Signs, Weigher


def test_what_speaks_for_any_danger_speaks_for_each() -> None:
    weights = {"any": "1.0: fog, fog _ tram, ^ fog", "suicide": "", "abuse": "0.5: tram $"}
    weigher = Weigher(classes={}, stems="", base={"suicide": -1.0, "abuse": -2.0}, weights=weights)
    assert weigher.weigh(["fog", "and", "tram"]) == {"suicide": 2.0, "abuse": 1.5}
    assert weigher.weigh([]) == {"suicide": -1.0, "abuse": -2.0}


@given(st.lists(st.sampled_from(["fog", "tram", "sun", "sea", HARD]), max_size=60))
def test_what_is_weighed_is_the_heaviest_stretch_of_two_halves(words: list[str]) -> None:
    lines = ["0.7: fog, tram", "-0.4: fog tram, sun", "0.3: fog _ tram, tram sun, ^ fog, sea $"]
    weigher = Weigher(classes={"wet": "sea fog"}, stems="", base={"suicide": -1.0}, weights={"suicide": "\n".join(lines)})
    signs = Signs(classes={"wet": "sea fog"}, stems="")
    halves = signs.seen(words, range(1 << 60))
    value = {sign: float(line.partition(": ")[0]) for line in lines for sign in line.partition(": ")[2].split(", ")}
    stretches = [a | b for a, b in pairwise(halves)] or halves
    sums = [-1.0 + sum(value.get(name, 0.0) for name in signs.names(stretch)) for stretch in stretches]
    assert weigher.weigh(words)["suicide"] == pytest.approx(max(sums))


@pytest.mark.parametrize(
    ("word", "stem"),
    [("cutting", "cut"), ("hurts", "hurt"), ("tried", "try"), ("boxes", "box"), ("eeee", "eeee"), ("went", "go")],
)
def test_forms_of_a_word_share_a_stem(word: str, stem: str) -> None:
    assert Signs(classes={}, stems="went:go").stem(word) == stem
