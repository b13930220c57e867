"""A phrase beside typed words: where it stands in them, whether they are a slip of it, which numbers a range means.

Pure, on words already folded (`fold`); no language of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import groupby
from typing import TypeAlias

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

from bot.understanding.fold import fold

Words: TypeAlias = tuple[str, ...]
Span: TypeAlias = tuple[int, int, str, bool]  # from, until, whose phrase stands there, and whether it answers only alone

GAP, YEAR = "…", "####"  # in a further name: one to three words, whichever they are; a year
_CLOSE = 85.0  # likeness (0-100) from which a longer phrase counts as mistyped
SLIP = 95.0  # the likeness that one wrong, missing, extra or swapped letter is given
_SHORT = 5  # letters: a phrase of so few, or of one word, says too little to count inside of a longer text
_A_YEAR = re.compile(r"(?:19|20)\d\d")


def is_short(phrase: Words) -> bool:
    """Whether this says too little to be an answer where more is said around it ("yes", "a lot")."""
    return len(phrase) == 1 or len("".join(phrase)) <= _SHORT


def ends(phrase: Words, words: Words, at: int) -> tuple[int, ...]:
    """Where `phrase` can end in `words` if it begins at `at`; more than one place where it has a gap."""
    if phrase[0] != GAP and not _same(words[at], phrase[0]):
        return ()
    reached = [at]
    for word in phrase:
        if word == GAP:
            reached = sorted({end + size for end in reached for size in (1, 2, 3) if end + size <= len(words)})
        else:
            reached = [end + 1 for end in reached if end < len(words) and _same(words[end], word)]
        if not reached:
            break
    return tuple(reached)


def _same(typed: str, word: str) -> bool:
    return typed == word or (word == YEAR and _A_YEAR.fullmatch(typed) is not None)


def meant(typed: str, known: Iterable[str]) -> str:
    """The one known word that `typed` is a stretched or slightly misspelt form of; `typed` itself where there is none."""
    likely = [word for word in known if _stretched(typed, word)]
    if not likely and len(typed) >= _SHORT:
        slips = (word for word in known if len(word) >= _SHORT and word[0] in typed[:2])
        likely = [word for word in slips if OSA.distance(typed, word, score_cutoff=1) <= 1]
    return likely[0] if len(likely) == 1 else typed


def _stretched(typed: str, word: str) -> bool:
    """Whether `typed` is `word` with some letters drawn out ("yesss")."""
    held, runs = _runs(typed), _runs(word)
    return len(held) == len(runs) and all(t == w and many >= one for (t, many), (w, one) in zip(held, runs, strict=True))


def _runs(word: str) -> list[tuple[str, int]]:
    return [(letter, len(tuple(same))) for letter, same in groupby(word)]


def spelled_out(text: str, ranges: Collection[str]) -> str:
    """`text` with each range of numbers written out: "1-3" and "1 to 3" as "1, 2, 3"."""
    between = "|".join((r"\s*[-\u2010-\u2015~]\s*", *(rf"\s+{re.escape(fold(word))}\s+" for word in ranges)))
    return re.sub(rf"(?<![\d-])(\d{{1,2}})(?:{between})(\d{{1,2}})(?![\d-])", _each, fold(text))


def _each(found: re.Match[str]) -> str:
    first, last = int(found[1]), int(found[2])
    return ", ".join(str(place) for place in range(first, last + 1)) if first < last else f"{first}, {last}"


def inside(span: Span, other: Span) -> bool:
    """Whether this span lies within a longer one."""
    shorter = span[1] - span[0] < other[1] - other[0]
    return shorter and other[0] <= span[0] and span[1] <= other[1]


def alike(words: Words, phrase: Words) -> float:
    """How much `words` look like `phrase` with a slip in it: 0, or 85 to 100."""
    typed, wanted = " ".join(words), " ".join(phrase)
    if len(wanted) < 4 or len(typed) < min(4, len(wanted)):
        return 0.0
    edits = OSA.distance(typed, wanted, score_cutoff=1)
    if len(wanted) <= 6:
        return SLIP if edits <= 1 else 0.0
    likeness = ratio(typed, wanted, score_cutoff=_CLOSE)
    return max(likeness, SLIP) if edits <= 1 else likeness
