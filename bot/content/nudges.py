"""The daily nudges of a pack: the shape of `nudges/nudges.yaml` (structure, once) and the reading of it and of its words.

Structure only; every sentence is in `nudges/<lang>.yaml`, found by the ids used here. Which one is sent is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from bot.content.loader import WordFile, read_words, read_yaml, refuse, shaped
from bot.content.model import NEAR, Id, Part, Places

STRUCTURE = "nudges.yaml"
FIRST = "first"  # the key of the opening lines, so no nudge's id
PARTS = ("text", "how", "plan")

Whom: TypeAlias = Literal["self", "any", "friend", "old_friend", "family", "partner", "group", "stranger"]
Kind: TypeAlias = Literal[
    "body", "call", "give", "group", "learn", "listen", "meet", "message",
    "notice", "place", "plan", "talk", "thought", "touch", "write",
]  # fmt: skip
Difficulty: TypeAlias = Literal[1, 2, 3]


class Nudge(Part):
    """One small step. `alone`: doable by oneself at any hour; `touch`, `sex`: its words name consent.

    `then` names the nudge for the day after this one was done; that one is offered in no other way.
    """

    id: Id
    need: Id
    difficulty: Difficulty
    toward: Whom
    kind: Kind
    source: Id
    alone: bool = False
    touch: bool = False
    sex: bool = False
    then: Id | None = None

    @property
    def near(self) -> bool:
        """Whether it is only for people who said that those close to them are safe."""
        return self.toward in NEAR


class Nudges(Part):
    """All nudges of a pack. `anyone` are the needs to draw from for people whose needs are not known."""

    version: Annotated[int, Field(ge=1)]
    anyone: tuple[Id, ...]
    nudges: tuple[Nudge, ...]

    def seconds(self) -> frozenset[str]:
        """The ids of those that only ever follow another one."""
        return frozenset(nudge.then for nudge in self.nudges if nudge.then is not None)


def load(path: Path) -> Nudges:
    """The nudges in this file. Raises ContentError with file, line and remedy."""
    found = shaped(path, read_yaml(path), Nudges)
    refuse(path, _faults(found))
    return found


def words(folder: Path, prefix: str = "") -> tuple[WordFile, ...]:
    """The words in every language beside the structure, their keys beginning with `prefix`. Raises ContentError."""
    return tuple(read_words(path, prefix) for path in sorted(folder.glob("*.yaml")) if path.name != STRUCTURE)


def keys(nudges: Nudges, prefix: str = "") -> Iterator[str]:
    """Every key that must have words."""
    yield f"{prefix}{FIRST}"
    for nudge in nudges.nudges:
        yield from (f"{prefix}{nudge.id}.{part}" for part in PARTS)


def _faults(found: Nudges) -> Iterator[tuple[Places, str]]:
    """What no single nudge can see: ids that stand twice, and second steps that cannot follow."""
    by_id: dict[str, Nudge] = {}
    for place, nudge in enumerate(found.nudges):
        if nudge.id in by_id or nudge.id == FIRST:
            yield ("nudges", place, "id"), f"the id '{nudge.id}' is taken; choose another one for the later nudge"
        by_id[nudge.id] = nudge
    followed: set[str] = set()
    for place, nudge in enumerate(found.nudges):
        if nudge.then is None:
            continue
        here = ("nudges", place, "then")
        second = by_id.get(nudge.then)
        if second is None:
            yield here, f"'{nudge.then}' is no nudge; name one from this file"
        elif second.then is not None or second.id == nudge.id:
            yield here, f"'{second.id}' leads on itself; two steps are the most, so take one of the two 'then:' out"
        elif second.need != nudge.need or second.difficulty > nudge.difficulty + 1:
            yield here, f"'{second.id}' is for another need, or more than one harder; change its need or difficulty"
        elif second.id in followed:
            yield here, f"'{second.id}' follows another nudge already; write a second step of its own"
        followed.add(nudge.then)
