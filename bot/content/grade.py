"""How hard a text is to read: the Flesch-Kincaid grade level. Pure but for pyphen's own word list.

Kincaid, Fishburne, Rogers & Chissom (1975): 0.39 words/sentence + 11.8 syllables/word - 15.59. For English.
"""

from __future__ import annotations

import re
from functools import cache

WORDS = 60  # below this many words the formula says little
_WORD = re.compile(r"[A-Za-z][A-Za-z'\u2019-]*")
_SENTENCE = re.compile(r"[.!?:]+(?=\s|$|[\"\u201d)])|\n+")


def words_in(text: str) -> int:
    """How many words a text has."""
    return len(_WORD.findall(text))


def grade(text: str) -> float:
    """The US school grade at which a text is read. Raises ValueError for a text without words."""
    words = _WORD.findall(text)
    if not words:
        raise ValueError("a text without words has no grade")
    sentences = [part for part in _SENTENCE.split(text) if part and _WORD.search(part)]
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


@cache
def _dictionary():  # type: ignore[no-untyped-def]  # noqa: ANN202  # a pyphen.Pyphen, imported late
    import pyphen  # type: ignore[import-untyped]  # noqa: PLC0415  # untyped; only `check` needs it

    # Hyphenation normally keeps short ends together; counting syllables must not.
    return pyphen.Pyphen(lang="en_US", left=1, right=1)


def _syllables(word: str) -> int:
    return max(1, len(_dictionary().positions(word)) + 1)
