"""The network of words: in whole numbers it says what it would in plain arithmetic, and the heaviest stretch decides."""

from __future__ import annotations

from itertools import pairwise
from math import exp, inf, log
from operator import mul
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.lexicon import LexiconError
from bot.understanding.weigh import HALF, HARD, Weigher
from tests.understanding.network_file import network, plain

LINES = ["", "fog mist", "tram", "sun", HARD]
FILTERS, UNIT = 5, 4096
CHANCE = Random(7)
TABLE = [[[CHANCE.randint(-127, 127) for _ in range(FILTERS)] for _ in range(3)] for _ in LINES]
SUMS = [[CHANCE.randint(-9000, 9000) for _ in range(3)] for _ in LINES]
BEGINS = [CHANCE.randint(-99, 99) for _ in range(FILTERS - 1)] + [500]
WORTH = [[CHANCE.randint(-300, 300) for _ in range(3)] for _ in range(FILTERS)]
BASE = [500, -900, 40]
BYTES = network(
    categories=["suicide", "abuse"], unit=UNIT, limits={}, table=TABLE, sums=SUMS, begins=BEGINS, worth=WORTH, base=BASE
)


def kind(word: str) -> int:
    return next((at for at, line in enumerate(LINES) if word in line.split()), 0)


def reckoned(words: list[str]) -> tuple[str, float]:
    """What the network weighs, by the textbook."""
    kinds = [kind(word) for word in words]
    places = [
        [
            sum(TABLE[kinds[at + step]][step + 1][each] for step in (-1, 0, 1) if 0 <= at + step < len(kinds))
            for each in range(FILTERS)
        ]
        for at in range(len(kinds))
    ]
    halves = [range(start, min(start + HALF, len(kinds))) for start in range(0, len(kinds), HALF)]
    stretches = [[*a, *b] for a, b in pairwise(halves)] or [[*half] for half in halves] or [[]]
    found = []
    for stretch in stretches:
        most = [
            max([0, BEGINS[each] - 3 * 128, *(places[at][each] + BEGINS[each] for at in stretch)]) for each in range(FILTERS)
        ]
        alone = [BASE[k] + sum(SUMS[each][k] for each in {kinds[at] for at in stretch}) for k in range(3)]
        none, *others = ((alone[k] + sum(map(mul, most, (row[k] for row in WORTH)))) / UNIT for k in range(3))
        found.append((log(sum(map(exp, others))) - none, ("suicide", "abuse")[others.index(max(others))]))
    danger, category = max(found, key=lambda each: each[0])
    return category, danger


@given(st.lists(st.sampled_from(["fog", "mist", "tram", "sun", "sea", HARD]), max_size=4 * HALF))
def test_whole_numbers_side_by_side_say_what_plain_arithmetic_says(words: list[str]) -> None:
    category, weight = Weigher(words="\n".join(LINES), network=BYTES).heaviest(words)
    expected, danger = reckoned(words)
    assert weight == pytest.approx(danger)
    assert category == expected


def test_the_heaviest_of_the_sentences_asked_for_is_weighed_alone() -> None:
    weigher = Weigher(**plain({"fog": 2.0, "sun": -1.0, "tram": 3.0}))
    words = ["fog", "sun", HARD, "tram", HARD, "sun"]
    assert weigher.heaviest(words) == ("suicide", 4.0)
    assert weigher.heaviest_sentence(words, {0, 2}) == 1.0
    assert weigher.heaviest_sentence(words, set()) == -inf


def test_a_network_that_does_not_fit_its_words_is_named() -> None:
    with pytest.raises(LexiconError, match=r"the network has \d+ bytes, not \d+; words"):
        Weigher(words="\n".join(LINES), network=BYTES[:-2])
    with pytest.raises(LexiconError, match="different versions"):
        Weigher(words="\n".join([*LINES, "snow"]), network=BYTES)
    with pytest.raises(LexiconError, match="two words"):
        Weigher(words="\n".join([*LINES[:-1], "fog"]), network=BYTES)
