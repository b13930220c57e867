"""The shape of a content pack's structure (`pack.yaml`): needs, steps, questions, weights, facts, sources; of helplines too.

Structure only, once for all languages; every sentence lives in `<lang>.yaml` beside it, found by the ids used here.
No logic but weights and references, and the checks that those references hold.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from datetime import date
from typing import Annotated, Literal, Protocol, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,23}$")]
FactId = Annotated[str, Field(pattern=r"^F\d+\.\d+$")]
# A path of keys and places in a file; and what is wrong there.
Places: TypeAlias = "tuple[str | int, ...]"
Fault: TypeAlias = "tuple[Places, str]"
Toward = Literal["self", "anyone", "new", "trusted", "partner", "family", "professional"]

# An unsafe home is never pointed back to: whatever leads to one of these is left out once somebody near is not safe.
NEAR: frozenset[str] = frozenset({"partner", "family"})


class Named(Protocol):
    """What has an id among its like."""

    @property
    def id(self) -> str:
        """The id."""


class Part(BaseModel):
    """A piece of structure as a file holds it: nothing unknown in it, and nothing changes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Part):
    """One published source: who, what, when, where. `accessed` words carry no claim beyond it."""

    author: str
    title: str
    year: int
    url: str
    reviewed: date | None = None


class Page(Part):
    """One screen about a need. `near`: its words speak of partner or family; `apart` names the page to show instead."""

    id: Id
    near: bool = False
    apart: Id | None = None

    @model_validator(mode="after")
    def _near_has_apart(self) -> Self:
        if self.near and self.apart is None:
            raise ValueError(f"page '{self.id}' speaks of partner or family: name the page to show instead with 'apart:'")
        return self


class SmallStep(Part):
    """One small thing to do. `effort` 1 is the easiest; `night` means: doable alone, at night."""

    id: Id
    effort: Literal[1, 2, 3]
    toward: Toward
    night: bool = False
    touch: bool = False
    source: Id | None = None


class Need(Part):
    """One of the five reasons for craving closeness."""

    id: Id
    pages: tuple[Page, ...]
    steps: tuple[SmallStep, ...]
    reading: tuple[Id, ...]


class Choice(Part):
    """One answer, and what it adds to which need (0 is left out).

    `unsafe` true says that somebody near is not safe to be with, false that they are; left out, it says nothing of that.
    `reply` true: a few words of their own answer it, under `reply` in the words.
    """

    id: Id
    weights: dict[Id, Annotated[int, Field(ge=1, le=4)]] = {}
    alone: bool = False
    unsafe: bool | None = None
    reply: bool = False


class Question(Part):
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


class Scoring(Part):
    """When a need counts as alive: its share of the most it could have reached on the questions answered (0 to 1)."""

    alive_from: Annotated[float, Field(gt=0, lt=1)]
    deeper_from: Annotated[float, Field(gt=0, lt=1)]
    deepest: Annotated[int, Field(ge=1)]


class Pack(Part):
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

    def faults(self) -> Iterator[Fault]:
        """Where a name stands for nothing, or for two things, by the path of keys to it; and what to do about it."""
        yield from _twice(("needs",), self.needs)
        yield from _twice(("questions",), self.questions)
        for fact, source in self.facts.items():
            yield from _unknown(("facts", fact), source, self.sources, f"fact {fact} names the source")
        for place, need in enumerate(self.needs):
            yield from self._of_need(("needs", place), need)
        for place, question in enumerate(self.questions):
            yield from self._of_question(("questions", place), question)

    def _of_need(self, here: Places, need: Need) -> Iterator[Fault]:
        yield from _twice((*here, "pages"), need.pages)
        yield from _twice((*here, "steps"), need.steps)
        named = [((*here, "reading", place), source) for place, source in enumerate(need.reading)]
        named += [((*here, "steps", place, "source"), step.source) for place, step in enumerate(need.steps) if step.source]
        for where, source in named:
            yield from _unknown(where, source, self.sources, f"need '{need.id}' names the source")

    def _of_question(self, here: Places, question: Question) -> Iterator[Fault]:
        needs = {need.id for need in self.needs}
        yield from _twice((*here, "choices"), question.choices)
        if question.need is not None:
            yield from _unknown((*here, "need"), question.need, needs, f"question '{question.id}' names the need")
        for place, choice in enumerate(question.choices):
            for target in choice.weights:
                where = (*here, "choices", place, "weights", target)
                yield from _unknown(where, target, needs, f"choice '{question.id}.{choice.id}' weighs on the need")


Kind = Literal["emergency", "crisis", "violence", "sexual_violence", "youth", "eating", "directory"]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]

# So many lines of one kind, each no longer than its fields allow, are one message of at most 900 characters.
MOST_OF_A_KIND = 4
_ORDER: tuple[Kind, ...] = ("emergency", "crisis", "violence", "sexual_violence", "youth", "eating", "directory")
# Nothing that could be read as markup: these stand in messages as they are.
_PLAIN = r"^[^*_\[\]`~<>\\\n\r]*$"


class Confirmable(Part):
    """Something that somebody read on its provider's own page, and said on which day; or that waits for that."""

    source_url: Annotated[str, Field(pattern=r"^https://[^\s()]+$")] | None = None
    verified_on: date | None = None
    status: Literal["confirmed", "unconfirmed"]

    @model_validator(mode="after")
    def _confirmed_on_a_day(self) -> Self:
        if self.status == "confirmed" and self.verified_on is None:
            raise ValueError("what is confirmed needs 'verified_on:', the day somebody read it on the provider's page")
        return self


class HelpLine(Confirmable):
    """One line of help. `number` is as one dials it; `text` says where to text or chat, or which site to open."""

    kind: Kind
    name: Annotated[str, Field(max_length=60, pattern=_PLAIN)] = ""
    number: Annotated[str, Field(max_length=24, pattern=r"^[+#*]?\d[\d ()-]*$")] | None = None
    hours: Annotated[str, Field(max_length=50, pattern=_PLAIN)] | None = None
    languages: tuple[str, ...] = ()
    text: Annotated[str, Field(max_length=60, pattern=_PLAIN)] | None = None

    @model_validator(mode="after")
    def _says_enough(self) -> Self:
        if self.says and self.source_url is None:
            raise ValueError("a line with a number or a text needs 'source_url:', its provider's own page")
        return self

    @property
    def says(self) -> bool:
        """Whether there is anything in it that could be wrong."""
        return self.number is not None or self.text is not None

    @property
    def showable(self) -> bool:
        """Whether a person may see it: confirmed, or without a number: the emergency line of no country, a directory."""
        return self.status == "confirmed" or (self.number is None and self.kind in ("emergency", "directory"))


def _few(lines: tuple[HelpLine, ...]) -> tuple[HelpLine, ...]:
    for kind in _ORDER:
        if sum(line.kind == kind for line in lines) > MOST_OF_A_KIND:
            raise ValueError(f"more than {MOST_OF_A_KIND} lines of the kind '{kind}' are too many to read: leave some out")
    return lines


Lines = Annotated[tuple[HelpLine, ...], AfterValidator(_few)]


class Helplines(Part):
    """Every line known: `worldwide` ones, and those of countries by ISO 3166 code (EU for the whole union)."""

    worldwide: Lines
    countries: dict[Country, Lines] = {}

    @model_validator(mode="after")
    def _always_something(self) -> Self:
        kinds = {line.kind for line in self.worldwide if line.showable}
        if not kinds >= {"emergency", "directory"}:
            raise ValueError("'worldwide:' needs an emergency line without a number and a directory, for every other country")
        return self

    def for_country(self, code: str | None) -> tuple[HelpLine, ...]:
        """What may be shown to somebody in this country (None: unknown; nothing is assumed), emergency first, directory last.

        A worldwide line stands in where the country has none of its kind; directories are always there.
        """
        own = [line for line in self.countries.get((code or "").upper(), ()) if line.showable]
        kinds = {line.kind for line in own}
        rest = [line for line in self.worldwide if line.showable and (line.kind == "directory" or line.kind not in kinds)]
        return tuple(sorted((*own, *rest), key=lambda line: _ORDER.index(line.kind)))

    def of(self, code: str | None, kinds: Sequence[Kind]) -> tuple[HelpLine, ...]:
        """The same for one kind of trouble: emergency, the first of `kinds` that there is a line of, directories."""
        lines = self.for_country(code)
        here = {line.kind for line in lines}
        fit = next((kind for kind in kinds if kind in here), None)
        return tuple(line for line in lines if line.kind in ("emergency", "directory", fit))

    def with_numbers(self, kinds: Sequence[Kind]) -> tuple[str, ...]:
        """The countries for which something confirmed may be shown in this kind of trouble, in the order of the file."""
        fit = ("emergency", *kinds)
        return tuple(c for c, lines in self.countries.items() if any(x.status == "confirmed" and x.kind in fit for x in lines))


def _unknown(where: Places, name: str, among: Container[str], what: str) -> Iterator[Fault]:
    if name not in among:
        yield where, f"{what} '{name}', which is not defined: define it or correct the name"


def _twice(where: Places, parts: Sequence[Named]) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, part in enumerate(parts):
        if part.id in seen:
            yield (*where, place), f"'{part.id}' is there twice: give one of them another id"
        seen.add(part.id)
