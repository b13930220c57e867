"""The therapy guide of a pack: the shape of `therapy/therapy.yaml` (structure, once), the reading of it, and its keys.

Structure only; every sentence is in `therapy/<lang>.yaml`, found by the ids used here. What answers add up to is in fitting.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from bot.content.loader import read_yaml, refuse, require_codes, shaped
from bot.content.model import Confirmable, Country, Id, Page, Part, Places

STRUCTURE = "therapy.yaml"
PART = "therapy"
# More are too many to read at once.
MOST_DIRECTORIES = 4
FIT_LINES = ("crisis", "doctor", "head", "nothing", "because", "found", "saving", "care", "format.either")
RING = ("title", "note", "alt")
FEWEST_QUESTIONS, MOST_QUESTIONS = 5, 7

First: TypeAlias = Literal["crisis", "doctor"]
Weight = Annotated[int, Field(ge=1, le=4)]
# Nothing that could be read as markup: these stand in messages as they are.
Plain = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^*_\[\]()`~<>{}\\\n\r]*$")]


class KindPage(Page):
    """One screen about a kind. `ring`: what leads to what on it, round and round; that is drawn, too."""

    ring: tuple[Id, Id, Id, Id] | None = None


class Kind(Part):
    """One kind of therapy. `near`: it takes along people who are close, so it is left out where one of them is not safe."""

    id: Id
    near: bool = False
    pages: Annotated[tuple[KindPage, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _near_as_a_whole(self) -> Self:
        if self.near and any(page.near for page in self.pages):
            raise ValueError(f"the kind '{self.id}' is 'near' as a whole; take 'near:' out of its pages")
        return self


class Side(Part):
    """One side of a comparison; `near` as with a kind."""

    id: Id
    near: bool = False


class Compare(Part):
    """What can be laid side by side, and the rows of it."""

    rows: Annotated[tuple[Id, ...], Field(min_length=1)]
    sides: Annotated[tuple[Side, ...], Field(min_length=2)]


class FitChoice(Part):
    """One answer, and what it adds to which suggestion (0 is left out).

    `first`: a crisis line or a doctor comes before any therapy. `unsafe` true: somebody near is not safe to be with, false:
    they are. `saves` true: the ways to pay less are named.
    """

    id: Id
    weights: dict[Id, Weight] = Field(default={})
    alone: bool = False
    unsafe: bool | None = None
    first: First | None = None
    saves: bool = False

    @property
    def counts(self) -> bool:
        """Whether it may be quoted as a reason."""
        return bool(self.weights) or self.first is not None


class FitQuestion(Part):
    """One question. `ask`: all (everybody), safety (who was not asked yet), open (where nobody near is known to be unsafe)."""

    id: Id
    ask: Literal["all", "safety", "open"] = "all"
    kind: Literal["one", "several"] = "one"
    choices: Annotated[tuple[FitChoice, ...], Field(min_length=2)]


class Fit(Part):
    """How answers become suggestions. `instead` names the one that is no therapy; `needs`: what the exploration adds."""

    suggest_from: Annotated[float, Field(gt=0, lt=1)]
    most: Annotated[int, Field(ge=1)]
    outcomes: Annotated[tuple[Id, ...], Field(min_length=2)]
    instead: Id
    formats: Annotated[tuple[Id, ...], Field(min_length=2)]
    needs: dict[Id, dict[Id, Weight]] = Field(default={})
    questions: tuple[FitQuestion, ...]


class Asked(Part):
    """One question on the way to a first message; each choice is a fixed phrase in it."""

    id: Id
    kind: Literal["one", "several"] = "several"
    choices: Annotated[tuple[Id, ...], Field(min_length=2)]


class Directory(Confirmable):
    """A public list or service. `by` runs it and is the source; `use`: to check a licence (register) or to find help.

    Like a helpline it is confirmed only once somebody opened it and said on which day.
    """

    name: Plain
    by: Plain
    use: Literal["register", "service"]
    source_url: Annotated[str, Field(pattern=r"^https://[^\s()]+$")]


Directories = Annotated[tuple[Directory, ...], Field(min_length=1, max_length=MOST_DIRECTORIES)]


class Guide(Part):
    """All of the guide. `pages` are those that go for every kind; `reading` names sources of the pack."""

    version: Annotated[int, Field(ge=1)]
    pages: tuple[Id, ...]
    kinds: Annotated[tuple[Kind, ...], Field(min_length=2)]
    compare: Compare
    fit: Fit
    prepare: Annotated[tuple[Asked, ...], Field(min_length=1)]
    reading: tuple[Id, ...]
    directories: dict[Country, Directories] = Field(default={})

    @property
    def near(self) -> frozenset[str]:
        """The ids of all that takes along people who are close."""
        sides = (side.id for side in self.compare.sides if side.near)
        return frozenset((*(kind.id for kind in self.kinds if kind.near), *sides))


def load(path: Path) -> Guide:
    """The guide in this file. Raises ContentError with file, line and remedy."""
    values = read_yaml(path)
    if isinstance(values, dict):
        require_codes(path, "directories", values.get("directories"))
    guide = shaped(path, values, Guide)
    refuse(path, _faults(guide))
    return guide


def keys(guide: Guide, base: str) -> Iterator[str]:
    """Every key for which the structure promises words; `base` is what they begin with, without a dot at its end."""
    yield from (f"{base}.pages.{page}.text" for page in guide.pages)
    for kind in guide.kinds:
        yield from (f"{base}.kinds.{kind.id}.{part}" for part in ("name", "about"))
        for page in kind.pages:
            here = f"{base}.kinds.{kind.id}.pages"
            yield from (f"{here}.{name}.text" for name in (page.id, page.apart) if name)
            yield from (f"{here}.{page.id}.ring.{part}" for part in ((*RING, *page.ring) if page.ring else ()))
    yield from (f"{base}.compare.rows.{row}" for row in guide.compare.rows)
    for side in guide.compare.sides:
        yield from (f"{base}.sides.{side.id}.{part}" for part in ("name", *guide.compare.rows))
    # Some of these are said to few people only.
    yield from (f"{base}.fit.{line}" for line in FIT_LINES)
    yield from (f"{base}.fit.maybe.{outcome}" for outcome in guide.fit.outcomes)
    yield from (f"{base}.fit.format.{name}" for name in guide.fit.formats)
    for question in guide.fit.questions:
        here = f"{base}.fit.questions.{question.id}"
        yield from (f"{here}.{part}" for part in ("text", "name", *(f"options.{c.id}" for c in question.choices)))
        yield from (f"{here}.said.{choice.id}" for choice in question.choices if choice.counts)
    for asked in guide.prepare:
        here = f"{base}.prepare.questions.{asked.id}"
        yield f"{base}.prepare.draft.{asked.id}"
        yield from (f"{here}.{part}" for part in ("text", "name"))
        yield from (f"{here}.{part}.{choice}" for choice in asked.choices for part in ("options", "line"))


def _faults(guide: Guide) -> Iterator[tuple[Places, str]]:
    """What no single part can see: names that stand for nothing, and ids that stand twice."""
    fit = guide.fit
    kinds, known = {kind.id for kind in guide.kinds}, {*fit.outcomes, *fit.formats}
    if fit.instead not in fit.outcomes:
        yield ("fit", "instead"), f"'{fit.instead}' is no outcome; name one of them"
    for place, outcome in enumerate(fit.outcomes):
        if outcome not in kinds and outcome != fit.instead:
            yield ("fit", "outcomes", place), f"'{outcome}' is no kind of therapy; define it under 'kinds:'"
    for need, weights in fit.needs.items():
        yield from _unknown(weights, known, ("fit", "needs", need))
    for place, question in enumerate(fit.questions):
        for row, choice in enumerate(question.choices):
            yield from _unknown(choice.weights, known, ("fit", "questions", place, "choices", row, "weights"))
    always = sum(question.ask == "all" for question in fit.questions)
    if always < FEWEST_QUESTIONS or len(fit.questions) > MOST_QUESTIONS:
        yield ("fit", "questions"), f"ask everybody {FEWEST_QUESTIONS} questions at least, and nobody over {MOST_QUESTIONS}"
    yield from _twice(("pages",), guide.pages)
    yield from _twice(("kinds",), (kind.id for kind in guide.kinds))
    yield from _twice(("compare", "sides"), (side.id for side in guide.compare.sides))
    yield from _twice(("fit", "questions"), (question.id for question in fit.questions))
    yield from _twice(("prepare",), (asked.id for asked in guide.prepare))


def _unknown(weights: Iterable[str], known: set[str], places: Places) -> Iterator[tuple[Places, str]]:
    for name in weights:
        if name not in known:
            yield (*places, name), f"weighs on '{name}', which is neither an outcome nor a format; correct the name"


def _twice(places: Places, ids: Iterable[str]) -> Iterator[tuple[Places, str]]:
    seen: set[str] = set()
    for place, name in enumerate(ids):
        if name in seen:
            yield (*places, place), f"the id '{name}' is taken; choose another one for the later"
        seen.add(name)
