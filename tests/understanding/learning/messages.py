"""What is learned from: the labelled sets beside this folder, further ones, and the program's own words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.understanding.crisis import CATEGORIES

SETS = Path(__file__).parents[1]
CONTENT = SETS.parents[1] / "bot" / "content"
KINDS = ("none", *CATEGORIES)
_LONGEST_LABEL = 300  # characters of a text of the program that is learned from


@dataclass(frozen=True, slots=True)
class Message:
    """`kind`: one of KINDS."""

    kind: str
    text: str


def own(further: Iterable[Path] = ()) -> list[Message]:
    """Every message of the sets and of the `further` files ("kind<TAB>text"), and, as harmless, every text of the program: what
    it says must never be taken for what a person says. None of the crisis_unseen sets."""
    names = ("crisis_positives.yaml", "crisis_near_misses.yaml", *sorted(p.name for p in SETS.glob("crisis_voices*.yaml")))
    found = [message for path in (*(SETS / name for name in names), *further) for message in labelled(path)]
    return list(dict.fromkeys([*found, *(Message("none", text) for text in _labels() if len(text) < _LONGEST_LABEL)]))


def labelled(path: Path) -> Iterable[Message]:
    """The messages of one file; what is not named after a kind is harmless."""
    if path.suffix != ".yaml":
        for line in path.read_text("utf-8").splitlines():
            kind, _, text = line.partition("\t")
            yield Message(kind, text)
        return
    for name, lines in yaml.safe_load(path.read_text("utf-8")).items():
        for block in lines.values() if isinstance(lines, dict) else (lines,):
            yield from (Message(name if name in CATEGORIES else "none", text) for text in block.splitlines())


def _labels() -> Iterable[str]:
    for path in CONTENT.glob("**/en.yaml"):
        if path.parent.name != "crisis":
            yield from _texts(yaml.safe_load(path.read_text("utf-8")))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
