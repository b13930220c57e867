"""The shape of a content pack's structure (`pack.yaml`): needs, steps, questions, weights, facts, sources.

Structure only, once for all languages; every sentence lives in `<lang>.yaml` beside it, found by the ids used here.
No logic but weights and references, and the checks that those references hold.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,23}$")]
FactId = Annotated[str, Field(pattern=r"^F\d+\.\d+$")]
Toward = Literal["self", "anyone", "new", "trusted", "partner", "family", "professional"]

# An unsafe home is never pointed back to: whatever leads to one of these is left out once somebody near is not safe.
NEAR: frozenset[str] = frozenset({"partner", "family"})


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Part):
    """One published source: who, what, when, where. `accessed` words carry no claim beyond it."""

    author: str
    title: str
    year: int
    url: str
    reviewed: date | None = None


class Page(_Part):
    """One screen about a need. `near`: its words speak of partner or family; `apart` names the page to show instead."""

    id: Id
    near: bool = False
    apart: Id | None = None

    @model_validator(mode="after")
    def _near_has_apart(self) -> Self:
        if self.near and self.apart is None:
            raise ValueError(f"page '{self.id}' speaks of partner or family: name the page to show instead with 'apart:'")
        return self


class SmallStep(_Part):
    """One small thing to do. `effort` 1 is the easiest; `night` means: doable alone, at night."""

    id: Id
    effort: Literal[1, 2, 3]
    toward: Toward
    night: bool = False
    touch: bool = False
    source: Id | None = None


class Need(_Part):
    """One of the five reasons for craving closeness."""

    id: Id
    pages: tuple[Page, ...]
    steps: tuple[SmallStep, ...]
    reading: tuple[Id, ...]


class Choice(_Part):
    """One answer, and what it adds to which need (0 is left out).

    `unsafe` true says that somebody near is not safe to be with, false that they are; left out, it says nothing of that.
    `reply` true: a few words of their own answer it, under `reply` in the words.
    """

    id: Id
    weights: dict[Id, Annotated[int, Field(ge=1, le=4)]] = {}
    alone: bool = False
    unsafe: bool | None = None
    reply: bool = False


class Question(_Part):
    """One question of the exploration.

    `ask`: broad (everybody), deep (only where its need is alive), safety (asked once), words (in their own words).
    `short`: also in the five-question walk. `kind` several lets a person pick more than one.
    """

    id: Id
    ask: Literal["broad", "deep", "safety", "words"]
    kind: Literal["one", "several", "words"] = "one"
    need: Id | None = None
    short: bool = False
    choices: tuple[Choice, ...] = ()


class Scoring(_Part):
    """When a need counts as alive: its share of the most it could have reached on the questions answered (0 to 1)."""

    alive_from: Annotated[float, Field(gt=0, lt=1)]
    deeper_from: Annotated[float, Field(gt=0, lt=1)]
    deepest: Annotated[int, Field(ge=1)]


class Pack(_Part):
    """A whole theme: what is asked, what it means, what can be done, and where each claim comes from."""

    name: Id
    version: int
    reviewed_on: date
    sources: dict[Id, Source]
    facts: dict[FactId, Id]
    scoring: Scoring
    needs: tuple[Need, ...]
    questions: tuple[Question, ...]

    def need(self, need: str) -> Need:
        """The need with this id. Raises KeyError where there is none."""
        for candidate in self.needs:
            if candidate.id == need:
                return candidate
        raise KeyError(need)

    @model_validator(mode="after")
    def _references_hold(self) -> Self:
        needs = {need.id for need in self.needs}
        for fact, source in self.facts.items():
            _known(source, self.sources.keys(), f"fact {fact} names the source")
        for need in self.needs:
            for source in (*need.reading, *(s.source for s in need.steps if s.source)):
                _known(source, self.sources.keys(), f"need '{need.id}' names the source")
        for question in self.questions:
            if question.need is not None:
                _known(question.need, needs, f"question '{question.id}' names the need")
            for choice in question.choices:
                for target in choice.weights:
                    _known(target, needs, f"choice '{question.id}.{choice.id}' weighs on the need")
        return self


def _known(name: str, among: object, what: str) -> None:
    if name not in among:  # type: ignore[operator]  # any set-like of names
        raise ValueError(f"{what} '{name}', which is not defined: define it or correct the name")
