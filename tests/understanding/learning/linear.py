"""The second teacher: weights of signs, added up. It knows only what was written for it, and so errs in other places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from bot.understanding.weigh import HARD

_OFTEN = 2  # a sign that stands in fewer messages says nothing
_STRENGTH = 0.3  # the inverse of how much a large weight costs
_TELLING = 0.5  # the power to which a sign counts by how much more often it stands in one kind of message
_ENDINGS = ("ing", "ed")
_VOWEL = re.compile("[aeiouy]")
_UNDOUBLED = frozenset("ls")
_SHORT = 3  # letters that a stem keeps at least
_KNOWN = yaml.safe_load(Path(__file__).with_name("signs.yaml").read_text("utf-8"))
_STEMS = dict(pair.split(":", 1) for pair in _KNOWN["stems"].split())
_CLASSES: dict[str, list[str]] = {}
for _name, _words in _KNOWN["classes"].items():
    for _word in str(_words).split():
        _CLASSES.setdefault(_word, []).append("{" + _name)


class Linear:
    """Tells what is harmless from what is not."""

    def __init__(self) -> None:
        self._signs = CountVectorizer(analyzer=signs, binary=True, min_df=_OFTEN, dtype="float32")
        self._model = LogisticRegression(C=_STRENGTH, solver="liblinear", random_state=0)

    def learn(self, texts: Sequence[Sequence[str]], danger: Any, worth: Any) -> None:
        """From the words of texts, whether each is a `danger`, and how much each is `worth`."""
        cells = self._signs.fit_transform(texts)
        here, there = (np.asarray(cells[which].sum(0)).ravel() for which in (danger, ~danger))
        here, there = here + 1.0, there * (danger.sum() / (~danger).sum()) + 0.3
        telling = np.abs(np.log(here / here.sum() / (there / there.sum()))) ** _TELLING
        self._telling = sparse.diags(telling.astype("float32"))
        self._model.fit(cells @ self._telling, danger, sample_weight=worth)

    def run(self, texts: Sequence[Sequence[str]]) -> Any:
        """What the danger weighs in each text."""
        return self._model.decision_function(self._signs.transform(texts) @ self._telling)


def signs(words: Sequence[str]) -> Iterator[str]:
    """Stems and classes, two of them in a row or with one word between, and at the edges of sentences."""
    sentences: list[list[list[str]]] = [[]]
    for word in words:
        if word == HARD:
            sentences.append([])
        else:
            found = stem(word)
            sentences[-1].append([found, *sorted({*_CLASSES.get(word, ()), *_CLASSES.get(found, ())})])
    for sentence in sentences:
        yield from (unit for units in sentence for unit in units)
        whole = [["^"], *sentence, ["$"]] if sentence else []
        yield from (f"{a} {b}" for first, second in pairwise(whole) for a in first for b in second)
        yield from (f"{a} _ {b}" for first, second in zip(sentence, sentence[2:], strict=False) for a in first for b in second)


def stem(word: str) -> str:
    """The part of a word that its forms share."""
    if (known := _STEMS.get(word)) is not None:
        return known
    if len(word) <= _SHORT or not word.isalpha():
        return word
    for ending in _ENDINGS:
        short = word[: -len(ending)]
        if word.endswith(ending) and len(short) >= _SHORT and _VOWEL.search(short):
            return _bare(short)
    if word.endswith("ies") and len(word) > _SHORT + 1:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "shes", "ches", "xes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return (word.rstrip("e") or word) if len(word) > _SHORT else word


def _bare(short: str) -> str:
    """A word without its ending: the doubled letter, the y and the e that came or went with it."""
    if short[-1] == short[-2] and short[-1] not in _UNDOUBLED:
        short = short[:-1]
    elif short.endswith("i"):
        short = short[:-1] + "y"
    return (short.rstrip("e") or short) if len(short) > _SHORT else short
