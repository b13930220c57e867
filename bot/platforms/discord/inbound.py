"""What an interaction or a direct message means: an act of one person, or a wish that the adapter itself sees to. Pure.

Interactions are read as the JSON that Discord sends: discord.py would make a message and all its components of it (90 us a
press), of which four fields say anything here. What a control carries is sealed; what opens for nobody means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

import discord

from bot.conversation.events import Called, Event, Picked, Sent, Tapped
from bot.platforms.token import Press
from bot.platforms.typed import said
from bot.ports import Address

PLATFORM = "discord"
# Every custom id and every value of a select begins so; the rest of it is a token.
PREFIX = "c:"
# What the adapter's own controls carry, beside the keys of the conversation: a modal and a copy as a direct message (each
# with the language to go on in), the way to one's own conversation, a select of several ticks (numbered), a select of one
# choice (numbered).
TYPE, MAIL, OWN, TICKS, ONE = ":type", ":mail", ":own", ":ticks", ":one"

Json: TypeAlias = Mapping[str, Any]
Opens: TypeAlias = Callable[[int, str], Press | None]


class How(Enum):
    """Where the first message of an answer goes.

    NEW: it is a message of its own. EDIT: it takes the place of the message that was pressed. KEPT: it stands below that
    message, which only loses its buttons.
    """

    NEW = "new"
    EDIT = "edit"
    KEPT = "kept"


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """Something that a person did. `hidden`: nobody else may see the answer. `left`: controls to leave on a kept message."""

    user: int
    event: Event
    hidden: bool = True
    how: How = How.NEW
    left: tuple[Json, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Write:
    """They want to type; `kept` tells whether the message with the button is one to keep."""

    user: int
    turn: int
    kept: bool
    language: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """They want this text, which they have on screen, as a direct message."""

    user: int
    text: str = field(repr=False)
    language: str | None
    hidden: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Stranger:
    """They pressed what is not theirs, or what nobody sealed."""

    user: int
    language: str | None
    hidden: bool = True


Meaning: TypeAlias = Act | Write | Mail | Stranger


@dataclass(frozen=True, kw_only=True, slots=True)
class Inbound:
    """Reads what Discord brings.

    `opens` tells what a token means for a user; `locale`, which one their app had last, where that is known.
    """

    opens: Opens
    locale: Callable[[int], str | None] = lambda _: None

    def read(self, event: Json) -> Meaning | None:
        """What this interaction means; None where it wants no answer. Raises KeyError for one that Discord would not send."""
        reader = _READERS.get(event["type"])
        return reader(self, event, event.get("data") or {}) if reader else None

    def message(self, message: discord.Message) -> Act | None:
        """What a message means: only somebody's own, in their direct messages with the bot, means anything."""
        if message.guild is not None or message.author.bot or message.type not in _WRITTEN:
            return None
        user, name, text = message.author.id, str(message.id), message.content
        event = said(name, self.locale(user), text)
        if message.attachments or message.stickers or not text:
            event = Sent(id=name, language=self.locale(user), text=text)
        return Act(user=user, event=event, hidden=False)

    # -- by kind --------------------------------------------------------------------------------------------------

    def _called(self, event: Json, data: Json) -> Meaning | None:
        if data.get("type", _CHAT) != _CHAT:
            return None
        called = Called(id=event["id"], language=event.get("locale"), command=str(data["name"]))
        return Act(user=_user(event), event=called, hidden=_hidden(event))

    def _pressed(self, event: Json, data: Json) -> Meaning:
        user, name, language = _user(event), event["id"], event.get("locale")
        press = self._opened(user, data["custom_id"])
        values = [self._opened(user, value) for value in data.get("values", ())]
        if press is None or None in values:
            return Stranger(user=user, language=language, hidden=_hidden(event))
        picked = tuple(value.key for value in values if value)
        own, _, spoken = press.key.partition(".")
        if own == TYPE:
            return Write(user=user, turn=press.turn, kept=press.kept, language=spoken or language)
        if own == MAIL:
            text = event["message"]["content"] if "message" in event else ""
            return Mail(user=user, text=text, language=spoken or language, hidden=_hidden(event))
        if press.key == OWN:
            meant: Event = Called(id=name, language=language, command="start")
        elif press.key.startswith(TICKS):
            keys = (*picked, *self._ticked_elsewhere(user, event, data["custom_id"]))
            meant = Picked(id=name, language=language, turn=press.turn, keys=keys)
        else:
            key = picked[0] if picked and press.key.startswith(ONE) else press.key
            meant = Tapped(id=name, language=language, turn=press.turn, key=key)
        return self._act(user, event, meant, kept=press.kept)

    def _submitted(self, event: Json, data: Json) -> Meaning:
        user, name, language = _user(event), event["id"], event.get("locale")
        press = self._opened(user, data["custom_id"])
        if press is None:
            return Stranger(user=user, language=language, hidden=_hidden(event))
        text = next(_typed(data.get("components", ())), "")
        return self._act(user, event, said(name, language, text, press.turn), kept=press.kept)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _opened(self, user: int, custom: str) -> Press | None:
        return self.opens(user, custom.removeprefix(PREFIX)) if custom.startswith(PREFIX) else None

    def _act(self, user: int, event: Json, meant: Event, *, kept: bool) -> Act:
        hidden, message = _hidden(event), event.get("message")
        how = How.KEPT if kept else How.EDIT
        if message is None or (hidden and not message.get("flags", 0) & EPHEMERAL):
            how = How.NEW  # what others can see is never written into
        left = self._mail_button(user, event) if how is How.KEPT else ()
        return Act(user=user, event=meant, hidden=hidden, how=how, left=left)

    def _mail_button(self, user: int, event: Json) -> tuple[Json, ...]:
        for control in _controls(event):
            press = self._opened(user, control.get("custom_id", ""))
            if press and press.key.partition(".")[0] == MAIL:
                return ({"type": 1, "components": [control]},)
        return ()

    def _ticked_elsewhere(self, user: int, event: Json, custom: str) -> Iterator[str]:
        """What is ticked in other selects of this message: a selection tells of its own select only."""
        for control in _controls(event):
            if control.get("custom_id") != custom:
                for option in control.get("options", ()):
                    press = self._opened(user, option["value"]) if option.get("default") else None
                    if press:
                        yield press.key


def address(user: int) -> Address:
    """The person with this id."""
    return Address(platform=PLATFORM, user=str(user))


def _user(event: Json) -> int:
    """Who did it: a member where it was in a server."""
    return int((event.get("user") or event["member"]["user"])["id"])


def _hidden(event: Json) -> bool:
    """Whether others could see an answer: everywhere but in the direct messages with the bot itself."""
    return event.get("context") != _BOT_DM


def _controls(event: Json) -> Iterator[Json]:
    for row in event.get("message", {}).get("components", ()):
        yield from row.get("components", ())


def _typed(components: Iterable[Json]) -> Iterator[str]:
    """The values of the text inputs of a modal, wherever they are nested."""
    for component in components:
        if component.get("type") == _TEXT_INPUT:
            yield str(component.get("value", ""))
        yield from _typed(component.get("components", ()))
        if "component" in component:
            yield from _typed((component["component"],))


# https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object
_COMMAND, _COMPONENT, _MODAL = 2, 3, 5
_CHAT, _TEXT_INPUT, _BOT_DM = 1, 4, 1
EPHEMERAL = 1 << 6
_WRITTEN = frozenset({discord.MessageType.default, discord.MessageType.reply})
_READERS: dict[int, Callable[[Inbound, Json, Json], Meaning | None]] = {
    _COMMAND: Inbound._called,  # noqa: SLF001  # a table of its own readers
    _COMPONENT: Inbound._pressed,  # noqa: SLF001
    _MODAL: Inbound._submitted,  # noqa: SLF001
}
