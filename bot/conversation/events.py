"""What can happen to a conversation. Platforms make the first six; reading turns `Typed` into one of the others.

Values only. The kernel never sees `Typed`: words are read against the labels of the current step before it runs.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something a person did. `id` is the platform's own and is remembered, so that a redelivery counts once."""

    id: str
    language: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened(Event):
    """The conversation came into view (a terminal started)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Called(Event):
    """A command, without its slash and in lower case: `why`."""

    command: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Tapped(Event):
    """A button, bound to the turn that showed it."""

    turn: int
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Picked(Event):
    """All the ticks of a pick-several question at once, not sent off yet; bound to the turn that showed it."""

    turn: int
    keys: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed(Event):
    """Words as they were typed, unread. `turn` is the one that they answer, where the place to type was bound to one."""

    text: str
    turn: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent(Event):
    """Something that is no answer: a sticker, a photo, a place (`media`), or a correction of earlier words (`edited`).

    `what` names the recurring line that says so; `text` are words that came with it, read by the safety check alone.
    """

    what: str = "media"
    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chose(Event):
    """Typed words that name choices of the current step, or one of the words that work everywhere."""

    keys: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wrote(Event):
    """Typed words that are themselves the answer."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Meant(Event):
    """Typed words that were read as a value, by the reader that the current step names."""

    reads: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unclear(Event):
    """Typed words that could not be read: `why` names a recurring line, `near` the choices it may have meant.

    `offers` are values that it may have meant, where the step reads values. `tongue` is the code of the language it seems to
    be in, where that is not one that Closer speaks.
    """

    why: str
    near: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    tongue: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarmed(Event):
    """Typed words that the safety check wants answered first. The words themselves go no further.

    `also` are further categories that they gave reason for.
    """

    tier: str
    category: str
    also: tuple[str, ...] = ()
