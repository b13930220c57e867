"""A dialog is a frozen table of named steps, checked when it is built. The tables say everything; nothing here runs them.

Two rules on top of the tables: every step can be reached and can end, and no step passes on for ever without asking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, NamedTuple, TypeAlias

from bot.conversation.effects import Effect
from bot.conversation.facts import Facts
from bot.conversation.replies import Border, Fixed, Say, Shown
from bot.conversation.session import Answer, Frame

END = "end"


class BrokenDialog(ValueError):
    """A dialog's table contradicts itself. The message names the dialog, the step and the remedy."""


class View(NamedTuple):
    """What a computed part of a step may look at: all dialogs' frames, the marks, its own dialog's trail, the facts.

    A tuple, because each turn makes several of them: a third of the time.
    """

    frames: Mapping[str, Frame]
    marks: Mapping[str, str]
    trail: tuple[tuple[str, Answer], ...]
    facts: Facts

    @property
    def answers(self) -> dict[str, Answer]:
        """The latest answer to each step on the way here, skipped ones included."""
        return dict(self.trail)


Says: TypeAlias = Callable[[View], tuple[Say, ...]]


@dataclass(frozen=True, slots=True)
class Option:
    """One choice. `to` is where it leads (empty: where its step leads); `words` the key of its label, `also` of
    other words for it (both empty: the step's).

    `reply` is said before moving on; `note` is what the trail keeps of it, where that is not the key. `alone` excludes
    the others in a pick-several question; `revisit` means: ask the step named by the key again.
    """

    key: str
    to: str = ""
    words: str = ""
    also: str = ""
    effects: tuple[Effect, ...] = ()
    note: str = ""
    alone: bool = False
    revisit: bool = False
    label: Say | None = None
    reply: Say | None = None


Options: TypeAlias = "tuple[Option, ...] | Callable[[View], tuple[Option, ...]]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What all steps share. `words` is the key under which its sentences stand; `says` computes them where needed.

    `question` steps are counted, and keep their answers when an earlier one is changed. `card` is for steps that show
    where help is: the category under which that goes into the yearly count.
    """

    name: str
    words: str
    to: str = ""
    says: Says | None = None
    question: bool = False
    skip: bool = False
    card: str = ""

    asks: ClassVar[bool] = True

    def spoken(self, view: View) -> tuple[Say, ...]:
        """What this step says on being shown."""
        return (Say(f"{self.words}.text"),) if self.says is None else self.says(view)


@dataclass(frozen=True, kw_only=True, slots=True)
class One(Step):
    """Pick one. Computed options declare in `targets` where they may lead; `border` gives typed numbers a meaning."""

    options: Options
    targets: tuple[str, ...] = ()
    border: Border | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Read(One):
    """Pick one, or type a value that the reader `reads` understands: an hour, a place. It answers with the value, in the
    reader's own notation; where several may be meant they are offered (`offered`).
    """

    reads: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Several(Step):
    """Pick any number, then send them off together."""

    options: tuple[Option, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Write(Step):
    """Answer in one's own words, up to `longest` characters."""

    longest: int = 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class Tell(Step):
    """Say something and go on without waiting."""

    effects: tuple[Effect, ...] | Callable[[View], tuple[Effect, ...]] = ()
    asks: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Branch(Step):
    """Decide where to go. `targets` declares every place that `decide` may name."""

    decide: Callable[[View], str]
    targets: tuple[str, ...]
    asks: ClassVar[bool] = False

    def spoken(self, view: View) -> tuple[Say, ...]:
        """A branch decides in silence."""
        return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialog:
    """A named table of steps; the first is where it starts.

    `resume` names where a person who comes back half-way is asked "go on, or start over?"; a dialog with one keeps its
    answers when it is closed. `review` is the step that lists the answers to change; `anchor` the one where replaying
    earlier answers stops. `entries` are further steps that other dialogs and commands open. A `passing` dialog is taken
    from the pile when one of its choices leads elsewhere. A `gated` one opens for people who said that they are adults.

    What follows from the table and every turn asks for is laid out once: steps by name, `shown` the fixed choices of a
    step as they stand on screen, `ticked` the same when picked, by key, and the names of the steps that are `questions`.
    """

    name: str
    table: tuple[Step, ...]
    resume: str = ""
    review: str = ""
    anchor: str = ""
    entries: tuple[str, ...] = ()
    passing: bool = False
    gated: bool = False
    steps: Mapping[str, Step] = field(init=False)
    shown: Mapping[str, Fixed] = field(init=False)
    ticked: Mapping[str, Mapping[str, Shown]] = field(init=False)
    questions: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        steps = {step.name: step for step in self.table}
        if len(steps) != len(self.table):
            raise BrokenDialog(f"dialog '{self.name}': two steps share a name; rename one")
        object.__setattr__(self, "steps", steps)
        fixed = {s.name: s.options for s in self.table if isinstance(s, One | Several) and not callable(s.options)}
        shown = {name: Fixed(show(steps[name], o) for o in options) for name, options in fixed.items()}
        ticked = {name: {s.key: replace(s, picked=True) for s in choices} for name, choices in shown.items()}
        object.__setattr__(self, "shown", shown)
        object.__setattr__(self, "ticked", ticked)
        object.__setattr__(self, "questions", frozenset(step.name for step in self.table if step.question))
        _check(self)

    @property
    def start(self) -> str:
        """The name of the first step."""
        return self.table[0].name


def show(step: Step, option: Option) -> Shown:
    """An option as it stands on screen, unticked."""
    label = option.label or Say(option.words or f"{step.words}.options.{option.key}")
    return Shown(option.key, label, option.also or f"{step.words}.also.{option.key}", option.alone)


def targets(step: Step) -> Iterator[str]:
    """Every place a step may lead to, its own dialog's steps by bare name."""
    if isinstance(step, Branch):
        yield from step.targets
    elif isinstance(step, One):
        if callable(step.options):
            yield from step.targets
        else:
            yield from (option.to or step.to for option in step.options if not option.revisit)
        if step.skip:
            yield step.to
    else:
        yield step.to
        if isinstance(step, Several):
            yield from (option.to for option in step.options if option.to)


def _check(dialog: Dialog) -> None:
    for step in dialog.table:
        for target in targets(step):
            if not target:
                raise BrokenDialog(f"dialog '{dialog.name}', step '{step.name}': leads nowhere; give it a 'to'")
            if target != END and "/" not in target and target not in dialog.steps:
                raise BrokenDialog(
                    f"dialog '{dialog.name}', step '{step.name}': leads to '{target}', which is no step; correct the name"
                )
    for name in (dialog.review, dialog.anchor, *dialog.entries):
        if name and name not in dialog.steps:
            raise BrokenDialog(f"dialog '{dialog.name}': names '{name}', which is no step; correct the name")
    _check_reach(dialog)
    _check_exits(dialog)
    _check_asks(dialog)


def _check_reach(dialog: Dialog) -> None:
    seen: set[str] = set()
    todo = [dialog.start, *dialog.entries, *([dialog.review] if dialog.review else [])]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += [t for t in targets(dialog.steps[name]) if t in dialog.steps]
    for name in dialog.steps:
        if name not in seen:
            raise BrokenDialog(f"dialog '{dialog.name}', step '{name}': nothing leads here; link it or remove it")


def _check_exits(dialog: Dialog) -> None:
    ending = {name for name, step in dialog.steps.items() if any(t == END or "/" in t for t in targets(step))}
    if dialog.review:
        ending.add(dialog.review)
    grown = True
    while grown:
        more = {n for n, s in dialog.steps.items() if n not in ending and any(t in ending for t in targets(s))}
        ending |= more
        grown = bool(more)
    for name in dialog.steps:
        if name not in ending:
            raise BrokenDialog(f"dialog '{dialog.name}', step '{name}': no way out; let something after it lead to '{END}'")


def _check_asks(dialog: Dialog) -> None:
    """Steps that do not wait must not form a ring."""
    state: dict[str, bool] = {}

    def visit(name: str) -> None:
        if state.get(name) is False:
            raise BrokenDialog(f"dialog '{dialog.name}', step '{name}': passes on in a ring without asking; break it")
        if name in state or dialog.steps[name].asks:
            return
        state[name] = False
        for target in targets(dialog.steps[name]):
            if target in dialog.steps:
                visit(target)
        state[name] = True

    for name in dialog.steps:
        visit(name)
