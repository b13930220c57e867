"""Variants of messages, for the teachers to label: the network is to learn what they know beyond what was written."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

_CLAUSES = re.compile(r"(?<=[.!?,;])\s+|\s+(?=(?:but|and|so|because|then)\s)")
_MARKS = re.compile(r"\W")
_LONGEST = 600  # characters
_STRETCH = 40  # words: what is longer is cut, as the network looks at so many together
_WALK = 45  # words
_EDGE = ""  # of a text, as a word

Near = Mapping[str, Sequence[str]]


def variants(texts: Sequence[str], others: Sequence[str], near: Near, *, each: int) -> list[str]:
    """`each` variants of every text: words replaced by words `near` them, words left out, a part, or a clause of another
    text (also of the `others`) before or behind it. None that is one of the texts."""

    def replaced(words: list[str], share: float) -> list[str]:
        return [_replaced(word, near) if random.random() < share else word for word in words]

    def part(words: list[str]) -> list[str]:
        size = random.randint(min(4, len(words)), len(words))
        start = random.randint(0, len(words) - size)
        return replaced(words[start : start + size], 0.1)

    def joined(words: list[str]) -> list[str]:
        text = " ".join(words)
        pair = [random.choice((text, _clause(text))), _clause(random.choice(texts if random.random() < 0.6 else others))]
        random.shuffle(pair)
        return replaced(" ".join(pair).split(), 0.1)

    ways: list[tuple[int, Callable[[list[str]], list[str]]]] = [
        (45, lambda words: replaced(words, random.choice((0.12, 0.2, 0.35)))),
        (15, lambda words: [word for word in words if random.random() > 0.15]),
        (12, part),
        (28, joined),
    ]
    weights, changes = zip(*ways, strict=True)
    found: dict[str, None] = {}
    for text in texts:
        for change in random.choices(changes, weights, k=each):
            made = change(text.split())
            if len(made) >= 3:
                found[" ".join(made)[:_LONGEST]] = None
    same = set(texts)
    return [text for text in stretches(found) if text not in same]


def walks(texts: Sequence[str], near: Near, *, count: int) -> list[str]:
    """About `count` walks from word to word (a Markov chain of second order): each word stands after the two before it in some
    text, or now and then after the last of them alone. They mean little, but have what people say in every mixture. None that
    is one of the texts."""
    after: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for text in texts:
        words = [_EDGE, _EDGE, *text.split(), _EDGE]
        for one, two, then in zip(words, words[1:], words[2:], strict=False):
            after[one.lower(), two.lower()].append(then)
            after[(two.lower(),)].append(then)
    found: dict[str, None] = {}
    while len(found) < count:
        words = _walk(after)
        if len(words) > 3:
            found[" ".join(_replaced(word, near) if random.random() < 0.05 else word for word in words)] = None
    same = set(texts)
    return [text for text in found if text not in same]


def stretches(texts: Iterable[str]) -> Iterable[str]:
    """The texts; of those longer than the network looks at together, each stretch."""
    for text in texts:
        words = text.split()
        for start in range(0, max(1, len(words) - _STRETCH // 2), _STRETCH // 2):
            yield " ".join(words[start : start + _STRETCH])


def _walk(after: Mapping[tuple[str, ...], Sequence[str]]) -> list[str]:
    walk = [_EDGE, _EDGE]
    while len(walk) < _WALK and (walk[-1] or len(walk) == 2):
        last = tuple(word.lower() for word in walk[-2:])
        loose = walk[-1] and random.random() < (0.06 if len(set(after[last])) > 1 else 0.5)
        walk.append(random.choice(after[last[1:] if loose else last]))
    return [word for word in walk if word]


def _replaced(word: str, near: Near) -> str:
    bare = _MARKS.sub("", word.lower())
    return word.lower().replace(bare, random.choice(near[bare])) if bare in near else word


def _clause(text: str) -> str:
    found = [clause for clause in _CLAUSES.split(text) if clause.strip()]
    return " ".join(random.choice(found or [text]).split()[:25])
