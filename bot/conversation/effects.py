"""What a turn asks the world to do. Values only; the runtime carries them out in the turn's own commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from bot.conversation.facts import NUDGES, Consent, Facts

# The value of `unsafe` for somebody who told of violence in their own words: no tap takes it back in this session.
TOLD = "told"

# The values of `age`: still to be asked; and asked, and said to be an adult, which is believed and not asked again.
ASK, BELIEVED = "ask", "adult"

# What is counted: a help card on screen, and a screen that named where help is.
CARD, REFERRAL = "card", "referral"


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
class Put:
    """Store a paper beside the session. `due` (aware): when it is to be looked at without being asked; None for never."""

    paper: str
    content: Mapping[str, Any]
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """One more in this year's count of help shown, which names nobody: `kind` is CARD or REFERRAL, `category` why it was."""

    kind: str
    category: str


@dataclass(frozen=True, slots=True)
class Export:
    """Hand over all that is stored, as files."""


@dataclass(frozen=True, slots=True)
class Erase:
    """Remove everything about this person."""


Effect: TypeAlias = Mark | Fresh | Grant | Withdraw | Keep | Put | Count | Export | Erase


def settled(facts: Facts, effect: Effect) -> Facts:
    """The facts as they will be once `effect` is committed, so that the reply to it already tells the truth."""
    if isinstance(effect, Grant):
        new = Consent(purpose=effect.purpose, version=effect.version, at=facts.now)
        return facts.with_consents((*(c for c in facts.consents if c.purpose != effect.purpose), new))
    if isinstance(effect, Withdraw):
        left = facts.with_consents(c for c in facts.consents if c.purpose != effect.purpose)
        return left.with_paper(NUDGES, None) if effect.purpose == NUDGES else left
    if isinstance(effect, Put):
        return facts.with_paper(effect.paper, {**(facts.papers.get(effect.paper) or {}), **effect.content})
    if isinstance(effect, Erase):
        return facts.with_consents(()).with_paper(NUDGES, None)
    return facts
