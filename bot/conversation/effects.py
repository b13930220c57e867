"""What a turn asks the world to do. Values only; the runtime carries them out in the turn's own commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from bot.conversation.charts import Chart
from bot.conversation.facts import CHECKINS, ENTRIES, NUDGES, PROGRESS, Consent, Facts
from bot.conversation.replies import Say

# The value of `unsafe` for somebody who told of violence in their own words: no tap takes it back in this session.
TOLD = "told"

# The values of `age`: still to be asked; and asked, and said to be an adult, which is believed and not asked again.
ASK, BELIEVED = "ask", "adult"

# What is counted: a help card on screen, and a screen that named where help is.
CARD, REFERRAL = "card", "referral"

# What is kept for another purpose than progress, by its kind.
CHECKIN = "checkin"
_FOR = {CHECKIN: CHECKINS}


def purpose_of(kind: str) -> str:
    """The purpose that an entry of this kind is kept for: without a consent to it there is none."""
    return _FOR.get(kind, PROGRESS)


@dataclass(frozen=True, slots=True)
class Mark:
    """Remember a small fact in the session itself: `adult`, `unsafe`, `language`. An empty value forgets it.

    Where the session holds the value `unless`, it stays.
    """

    name: str
    value: str
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Fresh:
    """Forget the answers given in a dialog, so that it begins anew."""

    dialog: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A yes to a purpose, in the wording of `version`."""

    purpose: str
    version: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    """A yes taken back."""

    purpose: str


@dataclass(frozen=True, slots=True)
class Keep:
    """Something finished and worth keeping, for people who asked to be remembered."""

    kind: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Drop:
    """Delete one thing that was kept, by its id."""

    entry: str


@dataclass(frozen=True, slots=True)
class Put:
    """Store a paper beside the session. `due` (aware): when it is to be looked at without being asked; None for never."""

    paper: str
    content: Mapping[str, Any]
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Clear:
    """Remove a paper that was stored beside the session."""

    paper: str


@dataclass(frozen=True, slots=True)
class Count:
    """One more in this year's count of help shown, which names nobody: `kind` is CARD or REFERRAL, `category` why it was."""

    kind: str
    category: str


@dataclass(frozen=True, slots=True)
class Export:
    """Hand over all that is stored, as files."""


@dataclass(frozen=True, slots=True)
class Attach:
    """Hand over these words as a text file, a paragraph each. `name` is the file's, without its ending."""

    name: str
    says: tuple[Say, ...]


@dataclass(frozen=True, slots=True)
class Draw:
    """Show a picture of this. `alt` says the same in words, for who cannot see it."""

    chart: Chart
    alt: Say


@dataclass(frozen=True, slots=True)
class Erase:
    """Remove everything about this person."""


Effect: TypeAlias = Mark | Fresh | Grant | Withdraw | Keep | Drop | Put | Clear | Count | Export | Attach | Draw | Erase


def settled(facts: Facts, effect: Effect) -> Facts:
    """The facts as they will be once `effect` is committed, so that the reply to it already tells the truth."""
    settle = _SETTLED.get(type(effect))
    return facts if settle is None else settle(facts, effect)


def _granted(facts: Facts, grant: Grant) -> Facts:
    new = Consent(purpose=grant.purpose, version=grant.version, at=facts.now)
    return facts.with_consents((*(c for c in facts.consents if c.purpose != grant.purpose), new))


def _withdrawn(facts: Facts, withdrawal: Withdraw) -> Facts:
    left = facts.with_consents(c for c in facts.consents if c.purpose != withdrawal.purpose)
    return _sifted(left, lambda entry: purpose_of(entry["kind"]) != withdrawal.purpose)


def _kept(facts: Facts, keep: Keep) -> Facts:
    """With one more entry, where they were loaded. It has no id before it is stored."""
    paper = facts.papers.get(ENTRIES)
    if paper is None or facts.consent(purpose_of(keep.kind)) is None:
        return facts
    new = {"id": "", "kind": keep.kind, "at": facts.now.isoformat(), "content": keep.content}
    return facts.with_paper(ENTRIES, {"entries": [*paper["entries"], new]})


def _put(facts: Facts, put: Put) -> Facts:
    return facts.with_paper(put.paper, {**(facts.papers.get(put.paper) or {}), **put.content})


def _cleared(facts: Facts, clear: Clear) -> Facts:
    """Without what was in it. Its version stays: something new may follow in the same turn."""
    paper = facts.papers.get(clear.paper)
    return facts.with_paper(clear.paper, {"version": paper["version"]} if paper and "version" in paper else None)


def _sifted(facts: Facts, stays: Callable[[Mapping[str, Any]], bool]) -> Facts:
    """With those entries only, where they were loaded."""
    paper = facts.papers.get(ENTRIES)
    if paper is None:
        return facts
    return facts.with_paper(ENTRIES, {"entries": [entry for entry in paper["entries"] if stays(entry)]})


_SETTLED: Mapping[type, Callable[[Facts, Any], Facts]] = {
    Grant: _granted,
    Withdraw: _withdrawn,
    Keep: _kept,
    Drop: lambda facts, drop: _sifted(facts, lambda entry: entry["id"] != drop.entry),
    Put: _put,
    Clear: _cleared,
    Erase: lambda facts, _: facts.with_consents(()).with_paper(NUDGES, None).with_paper(ENTRIES, None),
}
