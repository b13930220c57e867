"""What a Telegram update means: an act of one person in their private chat, or a wish from a group. Pure.

Updates are read as the plain JSON that the Bot API sends (https://core.telegram.org/bots/api#update): of an update's
hundred fields only these few say anything here, and objects for all of them would cost more than the turn.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from bot.conversation.events import Called, Event, Sent, Tapped
from bot.platforms.token import Press
from bot.platforms.typed import said

Json: TypeAlias = Mapping[str, Any]
# What Telegram is asked to send. Anything else (channels, reactions, inline queries) never leaves it.
WANTED = ("message", "edited_message", "callback_query", "my_chat_member")
# A button that opens for nobody: the kernel answers it like any other that is not on screen.
NOT_OURS = Press(turn=0, key="")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pressed:
    """The message whose button was pressed. `kept`: it is worth keeping, so nothing else takes its place."""

    message: int
    kept: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """Something that a person did in their private chat. `query` is the id of the callback query to answer, if any."""

    update: int
    chat: int
    event: Event
    query: str | None = None
    pressed: Pressed | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """A command in a group, where nothing personal is said: the answer is the way to the private chat."""

    update: int
    chat: int
    language: str | None = None
    thread: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Gone:
    """Somebody blocked the bot, or deleted the chat."""

    update: int
    chat: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Inbound:
    """Reads updates. `opens` tells what a token meant for the person of this chat; `name` is the bot's user name."""

    commands: Collection[str]
    opens: Callable[[int, str], Press | None]
    name: str = ""

    def read(self, update: Json) -> Act | Wish | Gone | None:
        """What this update means, or None where no answer is expected."""
        number = update["update_id"]
        if query := update.get("callback_query"):
            return self._query(number, query)
        if member := update.get("my_chat_member"):
            return self._member(number, member)
        message = update.get("message") or update.get("edited_message")
        if not message:
            return None
        if message["chat"]["type"] != "private":
            return self._in_group(number, message) if "message" in update else None
        return Act(update=number, chat=message["chat"]["id"], event=self._event(number, message, "edited_message" in update))

    def _query(self, number: int, query: Json) -> Act | None:
        message = query.get("message")
        if message is not None and message["chat"]["type"] != "private":
            return None
        chat, language = query["from"]["id"], query["from"].get("language_code")
        press = self.opens(chat, query.get("data", "")) or NOT_OURS
        return Act(
            update=number,
            chat=chat,
            event=Tapped(id=str(number), language=language, turn=press.turn, key=press.key),
            query=query["id"],
            # A message too old for the Bot API comes without its content (date 0), and cannot be edited.
            pressed=Pressed(message=message["message_id"], kept=press.kept) if message and message.get("date") else None,
        )

    def _event(self, number: int, message: Json, edited: bool) -> Event:
        name, language = str(number), message.get("from", {}).get("language_code")
        text = message.get("text")
        if edited or text is None:
            words = text or message.get("caption") or ""
            return Sent(id=name, language=language, what="edited" if edited else "media", text=words)
        event = said(name, language, text)
        return replace(event, command=self._command(text)) if isinstance(event, Called) else event

    def _command(self, text: str) -> str:
        """The command; `/start why`, which is what a link `t.me/<bot>?start=why` sends, is the command `why`."""
        called, *rest = text[1:].split()
        command = called.partition("@")[0].casefold()
        if command == "start" and rest and rest[0].casefold() in self.commands:
            return rest[0].casefold()
        return command

    def _member(self, number: int, member: Json) -> Gone | None:
        left = member["new_chat_member"]["status"] in {"kicked", "left"}
        return Gone(update=number, chat=member["chat"]["id"]) if left and member["chat"]["type"] == "private" else None

    def _in_group(self, number: int, message: Json) -> Wish | None:
        called = message.get("text", "").partition(" ")[0]
        if not called.startswith("/"):
            return None
        command, _, whose = called[1:].casefold().partition("@")
        if command not in self.commands or (whose and whose != self.name.casefold()):
            return None
        language = message.get("from", {}).get("language_code")
        thread = message.get("message_thread_id") if message.get("is_topic_message") else None
        return Wish(update=number, chat=message["chat"]["id"], language=language, thread=thread)
