"""The questions of a check-in and what their answers add up to. Tables and sums only; their words are in core/<language>.yaml.

Raise an instrument's version whenever its items, choices or points change: what was kept under another is never compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.content.model import Source


@dataclass(frozen=True, kw_only=True, slots=True)
class Instrument:
    """A published set of items with the same choices. `points` are those of each choice, as published."""

    id: str
    version: int
    items: tuple[str, ...]
    points: Mapping[str, int]

    @property
    def least(self) -> int:
        """The lowest sum there is."""
        return len(self.items) * min(self.points.values())

    @property
    def most(self) -> int:
        """The highest sum there is."""
        return len(self.items) * max(self.points.values())

    def score(self, answers: Sequence[str | None]) -> int | None:
        """The sum of all items; None where one was left out: nothing is guessed in its place."""
        if len(answers) != len(self.items) or any(answer not in self.points for answer in answers):
            return None
        return sum(self.points[answer] for answer in answers if answer is not None)


# Research on Aging 26(6), 655-672.
HUGHES = Source(
    author="Mary Elizabeth Hughes, Linda J. Waite, Louise C. Hawkley, John T. Cacioppo",
    title="A Short Scale for Measuring Loneliness in Large Surveys",
    year=2004,
    url="https://doi.org/10.1177/0164027504268574",
)
ONS = Source(
    author="Office for National Statistics (UK)",
    title="Measuring loneliness: guidance for use of the national indicators on surveys",
    year=2018,
    url="https://www.ons.gov.uk/peoplepopulationandcommunity/wellbeing/methodologies/"
    "measuringlonelinessguidanceforuseofthenationalindicatorsonsurveys",
)

# The three items of HUGHES in the wording of ONS. A higher sum: more often lonely.
UCLA3 = Instrument(
    id="ucla3",
    version=1,
    items=("companionship", "left_out", "isolated"),
    points={"hardly": 1, "some": 2, "often": 3},
)
# The direct question of ONS, asked after the three. Its choices are not added to anything.
DIRECT = ("often", "some", "occasionally", "hardly", "never")
# A question of Closer's own, not validated by any study. "Too much" has no place on the way from little to enough.
TOUCH = ("enough", "less", "much_less", "more")
TOUCH_SHARE = {"enough": 1.0, "less": 0.5, "much_less": 0.0}

# What a difference between two sums says. One answer that moves by one step moves the sum by one; the published reliability
# (alpha .72) leaves some two points to chance (1.96 * sqrt(2 * (1 - .72)) is 1.5 times the spread of the sums).
SAME, SLIGHT = 1, 2
CHANGES = ("same", "slightly_more", "slightly_less", "more", "less")


def change(before: int, now: int) -> str:
    """How the later sum differs from the earlier one: one of CHANGES. The noise of so short a scale has no say in it."""
    difference = now - before
    if abs(difference) <= SAME:
        return "same"
    way = "more" if difference > 0 else "less"
    return f"slightly_{way}" if abs(difference) <= SLIGHT else way
