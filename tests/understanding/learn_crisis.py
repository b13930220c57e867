"""Learns the weights of bot/content/crisis/en.weights.yaml, and prints how well weights and patterns do together on what the
weights were not learned from (five folds). Not run by the tests; needs scikit-learn:

    python -m tests.understanding.learn_crisis [--write] [--everyday LINES.txt] ... [SET.tsv] ...

The sets in this folder are always learned from. A further set has lines "category<TAB>text" ("none" for what is harmless);
everyday talk is harmless, one message a line, and so easy that it counts for less.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from bot.understanding.crisis import CATEGORIES, NOTHING, Detector
from bot.understanding.weigh import ANY, Signs
from tests.understanding.weights_file import TARGET, write

HERE = Path(__file__).parent
CONTENT = HERE.parents[1] / "bot" / "content"
SETS = (
    "crisis_positives.yaml",
    "crisis_near_misses.yaml",
    "crisis_voices.yaml",
    "crisis_voices_2.yaml",
    "crisis_voices_3.yaml",
    "crisis_voices_4.yaml",
    "crisis_voices_5.yaml",
)
STRENGTH = 0.3  # the inverse of how much a large weight costs
TELLING = 0.5  # the power to which a sign counts by how much more often it stands in one kind of message
# How many signs are kept, of any danger and of the categories: learned from all first, then anew from those that weighed most.
MOST_OF_ANY, MOST_OF_EACH = 18_500, 12_500
OFTEN = 2  # a sign that stands in fewer stretches says nothing
OURS = 10.0  # how much more a message of the sets counts than one of everyday talk
LONG = 240  # words of a message that are learned from
HEARD, MEANT, ALONE, DOUBT, URGENT = -7.0, -1.5, 0.8, 2.8, 11.5  # see Limits; DOUBT is what becomes 0
SOONER = {"minor": 1.15}  # asked about at less, as it must not be missed and the question is light


@dataclass(frozen=True, kw_only=True)
class Message:
    """`own`: one of the sets, which counts for more than everyday talk."""

    category: str
    text: str
    own: bool = True


def labelled(path: Path) -> Iterable[tuple[str, str]]:
    """(category, text) of a set; "none" for what is harmless."""
    if path.suffix != ".yaml":
        yield from (tuple(line.split("\t", 1)) for line in path.read_text("utf-8").splitlines())  # type: ignore[misc]
        return
    for name, lines in yaml.safe_load(path.read_text("utf-8")).items():
        category = name if name in CATEGORIES else "none"
        for block in lines.values() if isinstance(lines, dict) else (lines,):
            yield from ((category, text) for text in block.splitlines())


def labels() -> Iterable[str]:
    """Every text of the program itself: what it says must never be taken for what a person says."""
    for path in CONTENT.glob("**/en.yaml"):
        if path.parent.name != "crisis":
            yield from _texts(yaml.safe_load(path.read_text("utf-8")))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


class Everything:
    """Every sign is wanted."""

    def __contains__(self, sign: object) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class Table:
    """Stretches of messages by the signs in them: `cells`, a sparse matrix; `of`, the message of each row."""

    cells: Any
    of: Any
    signs: Sequence[int]
    kinds: Any
    worth: Any


def tabled(messages: Sequence[Message], words: Sequence[Sequence[str]], signs: Signs) -> Table:
    """The table of these messages; a message of several stretches has several rows, which share its worth."""
    np, sparse = import_module("numpy"), import_module("scipy.sparse")
    stretches: list[set[int]] = []
    of: list[int] = []
    for place, each in enumerate(words):
        halves = signs.seen(each[:LONG], Everything())
        rows = [a | b for a, b in pairwise(halves)] or halves
        stretches += rows
        of += [place] * len(rows)
    count = Counter(sign for row in stretches for sign in row)
    column = {sign: at for at, sign in enumerate(sign for sign, seen in count.items() if seen >= OFTEN)}
    places = [[column[sign] for sign in row if sign in column] for row in stretches]
    ends = np.cumsum([0, *map(len, places)]).astype("int32")
    flat = np.array([at for row in places for at in row], dtype="int32")
    cells = sparse.csr_matrix((np.ones(len(flat), "float32"), flat, ends), shape=(len(stretches), len(column)))
    kinds = np.array([message.category for message in messages])
    shared = np.bincount(of)
    worth = np.array([OURS if m.own else 1.0 for m in messages]) / np.where(kinds == "none", 1, shared)
    return Table(cells=cells, of=np.array(of), signs=list(column), kinds=kinds, worth=worth)


def learned(table: Table, chosen: Any) -> list[tuple[Any, float]]:
    """Weights and base: of any danger first, then of each category; they are added up."""
    np = import_module("numpy")
    every = np.arange(len(table.signs))
    first = [np.abs(_model(table, chosen, every, category)[0]) for category in (ANY, *CATEGORIES)]
    often = np.asarray(table.cells.sum(0)).ravel() ** 0.25
    of_any, of_each = (
        np.sort(np.argsort(-heavy * often)[:most])
        for heavy, most in ((first[0], MOST_OF_ANY), (np.max(first, 0), MOST_OF_EACH))
    )
    return [_model(table, chosen, of_any, ANY), *(_model(table, chosen, of_each, category) for category in CATEGORIES)]


def _model(table: Table, chosen: Any, columns: Any, category: str) -> tuple[Any, float]:
    np, linear, sparse = (import_module(name) for name in ("numpy", "sklearn.linear_model", "scipy.sparse"))
    kinds = table.kinds[table.of]
    rows = chosen[table.of] & ((kinds == "none") | (kinds == category) | (category == ANY))
    cells, yes = table.cells[rows][:, columns], kinds[rows] != "none"
    here, there = (np.asarray(cells[which].sum(0)).ravel() for which in (yes, ~yes))
    here, there = here + 1.0, there * (yes.sum() / (~yes).sum()) + 0.3
    telling = np.abs(np.log(here / here.sum() / (there / there.sum()))) ** TELLING
    model = linear.LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0)
    model.fit(cells @ sparse.diags(telling.astype("float32")), yes, sample_weight=table.worth[table.of][rows])
    weights = np.zeros(len(table.signs))
    weights[columns] = model.coef_[0] * telling
    return weights, float(model.intercept_[0])


def weighed(table: Table, models: Sequence[tuple[Any, float]]) -> Any:
    """The heaviest stretch and category of each message."""
    np = import_module("numpy")
    found = np.full(len(table.kinds), -99.0)
    common = table.cells @ models[0][0] + models[0][1]
    for weights, base in models[1:]:
        np.maximum.at(found, table.of, common + table.cells @ weights + base)
    return found


def _folds(table: Table, messages: Sequence[Message], noticed: Any, folds: int) -> None:
    np, fold = import_module("numpy"), import_module("sklearn.model_selection")
    found = np.zeros(len(messages))
    for others, these in fold.StratifiedKFold(folds, shuffle=True, random_state=0).split(found, table.kinds):
        chosen = np.zeros(len(messages), bool)
        chosen[others] = True
        found[these] = weighed(table, learned(table, chosen))[these]
    hits = (found >= DOUBT) | (noticed & (found >= HEARD))
    own = np.array([message.own for message in messages])
    for name in (*CATEGORIES, "none"):
        which = (table.kinds == name) & own
        print(f"  {name:16} {which.sum():6} {hits[which].mean():.3f}")  # noqa: T201 - a report for who runs it
    print(f"  {'everyday talk':16} {(~own).sum():6} {hits[~own].mean():.4f}")  # noqa: T201 - likewise


def _read(arguments: argparse.Namespace) -> list[Message]:
    own = [
        pair for path in (*(HERE / name for name in SETS if (HERE / name).exists()), *arguments.sets) for pair in labelled(path)
    ]
    everyday = [line for path in arguments.everyday for line in path.read_text("utf-8").splitlines()]
    messages = [Message(category=category, text=text) for category, text in dict.fromkeys(own)]
    messages += [Message(category="none", text=text) for text in dict.fromkeys(labels()) if len(text) < 300]
    return messages + [Message(category="none", text=text, own=False) for text in dict.fromkeys(everyday)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--everyday", action="append", type=Path, default=[])
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("sets", nargs="*", type=Path)
    arguments = parser.parse_args()
    np = import_module("numpy")
    known = yaml.safe_load(TARGET.read_text("utf-8"))
    detector = Detector(yaml.safe_load((CONTENT / "crisis" / "en.yaml").read_text("utf-8")))
    messages = _read(arguments)
    signs = Signs(classes=known["classes"], stems=known["stems"])
    table = tabled(messages, [detector.written(message.text) for message in messages], signs)
    noticed = np.array([detector.assess(message.text) != NOTHING for message in messages])
    if arguments.folds:
        print(f"{len(messages)} messages; noticed by patterns, or by weights learned from the others:")  # noqa: T201 - likewise
        _folds(table, messages, noticed, arguments.folds)
    if arguments.write:
        models = learned(table, np.ones(len(messages), bool))
        marks = {"urgent": URGENT, "alone": ALONE, "meant": MEANT, "heard": HEARD}
        limits = {name: mark - DOUBT for name, mark in marks.items()}
        base = {c: models[0][1] + own - DOUBT + SOONER.get(c, 0.0) for c, (_, own) in zip(CATEGORIES, models[1:], strict=True)}
        names = signs.names(table.signs)
        weights = {c: dict(zip(names, w.tolist(), strict=True)) for c, (w, _) in zip((ANY, *CATEGORIES), models, strict=True)}
        print(f"signs written: {write(known, weights=weights, base=base, limits=limits)}")  # noqa: T201 - likewise


if __name__ == "__main__":
    main()
