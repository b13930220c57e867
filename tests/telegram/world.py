"""What Telegram knows: chats with their messages, files, the bot's own page, button presses; and the record of it all.

State only. People act on it in people.py, the bot in methods.py.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.telegram.asked import Asked, Refused, Upload
from tests.telegram.faults import BLOCKED
from tests.telegram.richtext import Rich
from tests.telegram.updates import Pulse, Updates

# Why the bot cannot write to a chat, by how it stands with it.
WALLS = {
    "unknown": (400, "Bad Request: chat not found"),
    "met": (403, "Forbidden: bot can't initiate conversation with a user"),
    "blocked": (403, BLOCKED),
    "left": (403, "Forbidden: bot is not a member of the group chat"),
    "kicked": (403, "Forbidden: bot was kicked from the group chat"),
    "deleted": (403, "Forbidden: user is deactivated"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFile:
    """A file that was sent by anybody."""

    id: str
    name: str
    data: bytes = field(repr=False)

    def json(self, **more: Any) -> dict[str, Any]:
        """How it is named in a message."""
        return {"file_id": self.id, "file_unique_id": f"u{self.id}", "file_size": len(self.data), **more}


@dataclass(frozen=True, kw_only=True, slots=True)
class Button:
    """One button under a message."""

    text: str
    data: str | None
    url: str | None
    row: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """What a message was before it was edited."""

    source: str = field(repr=False)
    plain: str = field(repr=False)
    markup: dict[str, Any] | None = field(repr=False)


@dataclass(kw_only=True, slots=True, eq=False)
class Message:
    """One message: what was sent (`source`), what is shown (`plain`), and what it was before. `sender` None: the chat itself."""

    id: int
    chat: Chat = field(repr=False)
    sender: dict[str, Any] | None = field(repr=False)
    date: int
    source: str = field(default="", repr=False)
    rich: Rich = field(default_factory=Rich, repr=False)
    markup: dict[str, Any] | None = field(default=None, repr=False)
    # What it carries beside text (a document, a sticker ...), as in the Bot API; then its text is a caption.
    content: dict[str, Any] = field(default_factory=dict, repr=False)
    file: StoredFile | None = None
    about: dict[str, Any] = field(default_factory=dict, repr=False)
    edited: int | None = None
    deleted: bool = False
    versions: list[Version] = field(default_factory=list, repr=False)

    @property
    def plain(self) -> str:
        """What a person reads."""
        return self.rich.text

    @property
    def by_bot(self) -> bool:
        """Whether the bot sent it."""
        return bool(self.sender and self.sender["is_bot"])

    @property
    def buttons(self) -> tuple[Button, ...]:
        """Those under it now, row by row."""
        rows = (self.markup or {}).get("inline_keyboard", [])
        return tuple(
            Button(text=each["text"], data=each.get("callback_data"), url=each.get("url"), row=number)
            for number, row in enumerate(rows)
            for each in row
        )

    def change(self, *, date: int, source: str, rich: Rich, markup: dict[str, Any] | None) -> None:
        """Make it another, keeping what it was."""
        self.versions.append(Version(source=self.source, plain=self.plain, markup=self.markup))
        self.source, self.rich, self.markup, self.edited = source, rich, markup, date

    def json(self) -> dict[str, Any]:
        """The message in the Bot API."""
        told: dict[str, Any] = {"message_id": self.id, "chat": self.chat.json(), "date": self.date, **self.about, **self.content}
        names = ("caption", "caption_entities") if self.content else ("text", "entities")
        shown = (self.sender, self.edited, self.rich.text, list(self.rich.entities), self.markup)
        for name, value in zip(("from", "edit_date", *names, "reply_markup"), shown, strict=True):
            if value:
                told[name] = value
        return told


class Chat:
    """One chat and all that was ever said in it. `standing` is how the bot stands with it: "open", or one of WALLS."""

    def __init__(self, *, id: int, kind: str, standing: str, **named: str | None) -> None:
        self.id, self.kind, self.standing = id, kind, standing
        self.named = {name: value for name, value in named.items() if value}
        self.threads: set[int] = set()
        self.messages: list[Message] = []
        self.actions: list[str] = []
        # How often the bot has sent, edited or deleted something here.
        self.changes = 0

    def json(self) -> dict[str, Any]:
        """The chat in the Bot API."""
        return {"id": self.id, "type": self.kind, **self.named}

    @property
    def screen(self) -> list[Message]:
        """The messages that are there, in order."""
        return [message for message in self.messages if not message.deleted]

    @property
    def last(self) -> Message | None:
        """The bot's latest message that is there."""
        return next((message for message in reversed(self.messages) if message.by_bot and not message.deleted), None)

    @property
    def keyboard(self) -> Message | None:
        """The latest message that has buttons."""
        return next((message for message in reversed(self.screen) if message.buttons), None)

    @property
    def buttons(self) -> tuple[Button, ...]:
        """Those of the latest message that has any."""
        return self.keyboard.buttons if self.keyboard else ()

    def find(self, number: int | None) -> Message | None:
        """The message of this number, if it is there."""
        # Numbers count up from 1, and what is deleted stays in the list.
        inside = number is not None and 0 < number <= len(self.messages)
        return self.messages[number - 1] if inside and not self.messages[number - 1].deleted else None


@dataclass(kw_only=True, slots=True)
class Query:
    """One press of a button. `answer` is what the bot answered, once it did."""

    id: str
    chat: int | None
    old: bool = False
    answer: dict[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """The bot's own page: commands by scope and language, texts by kind and language."""

    commands: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class HookInfo:
    """Where updates are brought, and how."""

    url: str
    secret: str | None = field(default=None, repr=False)
    connections: int = 40


class World:
    """One bot's Telegram."""

    def __init__(self, *, bot: int, username: str, now: Callable[[], float] = time.time) -> None:
        self.pulse = Pulse()
        self.updates = Updates(self.pulse)
        self.bot = {"id": bot, "is_bot": True, "first_name": "Closer", "username": username}
        self.now = now
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.queries: dict[str, Query] = {}
        self.profile = Profile()
        self.hook: HookInfo | None = None
        self.hook_fault: tuple[int, str] | None = None

    def date(self) -> int:
        """The time, as messages tell it."""
        return int(self.now())

    def emit(self, kind: str, content: dict[str, Any], chat: Chat) -> int | None:
        """Tell the bot, if it asked for such; the update's id."""
        return self.updates.add(kind, content, chat.id)

    def write(self, chat: Chat, sender: dict[str, Any] | None, **what: Any) -> Message:
        """A new message in a chat."""
        message = Message(id=len(chat.messages) + 1, chat=chat, sender=sender, date=self.date(), **what)
        chat.messages.append(message)
        self.pulse.beat()
        return message

    def keep(self, sent: Upload) -> StoredFile:
        """Store a file."""
        stored = StoredFile(id=f"file{len(self.files) + 1}", name=sent.name, data=sent.data)
        self.files[stored.id] = stored
        return stored

    def reach(self, asked: Asked) -> Chat:
        """The chat that a request is about. Raises Refused where the bot cannot write to it."""
        named = asked.get("chat_id")
        chat = next((each for each in self.chats.values() if named in {each.id, f"@{each.named.get('username', '')}"}), None)
        standing = chat.standing if chat else "unknown"
        if standing in WALLS:
            raise Refused(*WALLS[standing])
        assert chat is not None
        return chat

    def chat_of(self, asked: Asked) -> int | None:
        """Which chat a request is about, directly or by the button that was pressed there."""
        query = self.queries.get(str(asked.get("callback_query_id")))
        named = asked.get("chat_id", query.chat if query else None)
        return named if isinstance(named, int) else None

    def changed(self, chat: Chat) -> None:
        """The bot has changed what is seen in a chat."""
        chat.changes += 1
        self.pulse.beat()


def scoped(asked: Asked) -> tuple[str, str]:
    """For whom commands are: the scope and the language."""
    return json.dumps(asked.get("scope") or {"type": "default"}, sort_keys=True), asked.get("language_code") or ""
