"""What an interaction or a direct message means: an act of one person, or a wish that the adapter itself sees to. Pure.

discord.py's own values are read here and go no further. What a control carries is sealed; what opens for nobody, or for
somebody else, means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

import discord

from bot.conversation.events import Called, Event, Picked, Sent, Tapped, Typed
from bot.platforms.token import Press
from bot.ports import Address

PLATFORM = "discord"
# Every custom id and every value of a select begins so; the rest of it is a token.
PREFIX = "c:"
# What the adapter's own controls carry, beside the keys of the conversation: a modal, a copy as a direct message, the
# way to one's own conversation, a select of several ticks (numbered), a select of one choice (numbered).
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

    `opens` tells what a token means for a user; `shown`, which turn they saw last, and `locale`, which one their app had
    last: where that is known.
    """

    opens: Opens
    shown: Callable[[int], int | None]
    locale: Callable[[int], str | None] = lambda _: None

    def read(self, interaction: discord.Interaction[Any]) -> Meaning | None:
        """What this interaction means; None where it wants no answer."""
        reader = _READERS.get(interaction.type)
        return reader(self, interaction, interaction.data or {}) if reader and interaction.user else None

    def message(self, message: discord.Message) -> Act | None:
        """What a message means: only somebody's own, in their direct messages with the bot, means anything."""
        if message.guild is not None or message.author.bot or message.type not in _WRITTEN:
            return None
        user, name, text = message.author.id, str(message.id), message.content
        event = _said(name, self.locale(user), text)
        if message.attachments or message.stickers or not text:
            event = Sent(id=name, language=self.locale(user), text=text)
        return Act(user=user, event=event, hidden=False)

    # -- by kind --------------------------------------------------------------------------------------------------

    def _called(self, interaction: discord.Interaction[Any], data: Json) -> Meaning | None:
        if data.get("type", 1) != 1:
            return None
        event = Called(id=str(interaction.id), language=_language(interaction), command=str(data["name"]))
        return Act(user=interaction.user.id, event=event, hidden=_hidden(interaction))

    def _pressed(self, interaction: discord.Interaction[Any], data: Json) -> Meaning:
        user, name, language = interaction.user.id, str(interaction.id), _language(interaction)
        press = self._opened(user, data["custom_id"])
        values = [self._opened(user, value) for value in data.get("values", ())]
        if press is None or None in values:
            return Stranger(user=user, language=language, hidden=_hidden(interaction))
        picked = tuple(value.key for value in values if value)
        if press.key == TYPE:
            return Write(user=user, turn=press.turn, kept=press.kept, language=language)
        if press.key == MAIL:
            text = interaction.message.content if interaction.message else ""
            return Mail(user=user, text=text, language=language, hidden=_hidden(interaction))
        if press.key == OWN:
            event: Event = Called(id=name, language=language, command="start")
        elif press.key.startswith(TICKS):
            keys = (*picked, *self._ticked_elsewhere(interaction, data["custom_id"]))
            event = Picked(id=name, language=language, turn=press.turn, keys=keys)
        else:
            key = picked[0] if picked and press.key.startswith(ONE) else press.key
            event = Tapped(id=name, language=language, turn=press.turn, key=key)
        return self._act(interaction, event, kept=press.kept)

    def _submitted(self, interaction: discord.Interaction[Any], data: Json) -> Meaning:
        user, name, language = interaction.user.id, str(interaction.id), _language(interaction)
        press = self._opened(user, data["custom_id"])
        if press is None:
            return Stranger(user=user, language=language, hidden=_hidden(interaction))
        text = next(_typed(data.get("components", ())), "")
        # Words for a question that has passed are no answer to the one that came after it; the safety check reads them.
        event = _said(name, language, text)
        if self.shown(user) not in {None, press.turn}:
            event = Sent(id=name, language=language, what="stale", text=text)
        return self._act(interaction, event, kept=press.kept)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _opened(self, user: int, custom: str) -> Press | None:
        return self.opens(user, custom.removeprefix(PREFIX)) if custom.startswith(PREFIX) else None

    def _act(self, interaction: discord.Interaction[Any], event: Event, *, kept: bool) -> Act:
        hidden, message = _hidden(interaction), interaction.message
        how = How.KEPT if kept else How.EDIT
        if message is None or (hidden and not message.flags.ephemeral):
            how = How.NEW  # what others can see is never written into
        left = self._mail_button(interaction) if how is How.KEPT else ()
        return Act(user=interaction.user.id, event=event, hidden=hidden, how=how, left=left)

    def _mail_button(self, interaction: discord.Interaction[Any]) -> tuple[Json, ...]:
        for control in _controls(interaction):
            press = self._opened(interaction.user.id, control.get("custom_id", ""))
            if press and press.key == MAIL:
                return ({"type": 1, "components": [control]},)
        return ()

    def _ticked_elsewhere(self, interaction: discord.Interaction[Any], custom: str) -> Iterator[str]:
        """What is ticked in other selects of this message: a selection tells of its own select only."""
        for control in _controls(interaction):
            if control.get("custom_id") != custom:
                for option in control.get("options", ()):
                    press = self._opened(interaction.user.id, option["value"]) if option.get("default") else None
                    if press:
                        yield press.key


def address(user: int) -> Address:
    """The person with this id."""
    return Address(platform=PLATFORM, user=str(user))


def _hidden(interaction: discord.Interaction[Any]) -> bool:
    """Whether others could see an answer: everywhere but in the direct messages with the bot itself."""
    return not interaction.context.dm_channel


def _language(interaction: discord.Interaction[Any]) -> str:
    return interaction.locale.value


def _said(name: str, language: str | None, text: str) -> Event:
    if text.startswith("/") and len(text) > 1 and not text[1].isspace():
        return Called(id=name, language=language, command=text[1:].split(maxsplit=1)[0].casefold())
    return Typed(id=name, language=language, text=text)


def _controls(interaction: discord.Interaction[Any]) -> Iterator[dict[str, Any]]:
    for row in interaction.message.components if interaction.message else ():
        controls: Any = row.to_dict().get("components", ())
        yield from controls


def _typed(components: Any) -> Iterator[str]:
    """The values of the text inputs of a modal, wherever they are nested."""
    for component in components:
        if component.get("type") == discord.ComponentType.text_input.value:
            yield str(component.get("value", ""))
        yield from _typed(component.get("components", ()))
        if "component" in component:
            yield from _typed((component["component"],))


_WRITTEN = frozenset({discord.MessageType.default, discord.MessageType.reply})
_READERS: dict[discord.InteractionType, Callable[[Inbound, discord.Interaction[Any], Json], Meaning | None]] = {
    discord.InteractionType.application_command: Inbound._called,  # noqa: SLF001  # a table of its own readers
    discord.InteractionType.component: Inbound._pressed,  # noqa: SLF001
    discord.InteractionType.modal_submit: Inbound._submitted,  # noqa: SLF001
}
