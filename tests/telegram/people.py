"""Who talks to the bot: a person in their private chat, groups, channels. Each act is one update, and returns its id.

None instead of an id: the bot has not asked for such updates.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from tests.telegram.asked import Upload
from tests.telegram.checks import LONGEST_TEXT
from tests.telegram.richtext import Rich, units
from tests.telegram.world import Chat, Message, Query, World

_COMMAND = re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,64}(@[A-Za-z0-9_]+)?")
VOICE = b"OggS" + bytes(60)


def picture(width: int = 4, height: int = 4) -> bytes:
    """A small grey PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def typed(text: str) -> Rich:
    """What somebody types, with the commands that Telegram finds in it."""
    commands = (
        {"type": "bot_command", "offset": units(text[: match.start()]), "length": units(match[0])}
        for match in _COMMAND.finditer(text)
    )
    return Rich(text=text, entities=tuple(commands))


def portions(text: str) -> Iterator[str]:
    """What a client makes of a long text: several messages."""
    portion, size = "", 0
    for char in text.strip():
        wide = units(char)
        if size + wide > LONGEST_TEXT:
            yield portion
            portion, size = "", 0
        portion, size = portion + char, size + wide
    if not portion.strip():
        raise ValueError("no client sends an empty message")
    yield portion


class Person:
    """Somebody with a private chat. The bot cannot write there before they have, unless they are `known` from before."""

    def __init__(
        self, world: World, *, id: int, language_code: str | None, first_name: str, username: str | None, known: bool
    ) -> None:
        self.id, self.language_code, self.first_name, self.username = id, language_code, first_name, username
        self._world = world
        self.chat = Chat(
            id=id, kind="private", standing="open" if known else "unknown", first_name=first_name, username=username
        )
        world.chats[id] = self.chat

    def user(self) -> dict[str, Any]:
        """The person in the Bot API."""
        told = {"first_name": self.first_name, "username": self.username, "language_code": self.language_code}
        return {"id": self.id, "is_bot": False, **{name: value for name, value in told.items() if value}}

    def say(self, text: str, *, reply_to: Message | None = None) -> int | None:
        """Type something; a command is marked as one. A text too long for one message becomes several."""
        self._opens()
        return said(self._world, self.chat, self.user(), text, reply_to)

    def start(self, payload: str = "") -> int | None:
        """Press Start, or follow a link with a payload. Whoever had blocked the bot unblocks it so."""
        if self.chat.standing == "blocked":
            self.unblocks()
        return self.say(f"/start {payload}".strip())

    def tap(self, message: Message | None, what: str) -> int | None:
        """Press a button of this message (None: of the latest that has any), by its data, its label or a part of that."""
        return tapped(self._world, self.user(), self.chat, message, what)

    def press(self, message: Message, data: str, *, inaccessible: bool = False) -> int | None:
        """Press what need not be there (any more): a button from an old screen, or a forged one."""
        return pressed(self._world, self.user(), message, data, inaccessible=inaccessible)

    def edit(self, message: Message, text: str) -> int | None:
        """Edit a message of one's own."""
        message.change(date=self._world.date(), source=text, rich=typed(text), markup=message.markup)
        return self._world.emit("edited_message", message.json(), self.chat)

    def send_sticker(self) -> int | None:
        """A sticker."""
        file = self._world.keep(Upload(name="sticker.webp", data=b"RIFF"))
        kind = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False, "emoji": "🙂"}
        return self._send(file=file, content={"sticker": file.json(**kind)})

    def send_photo(self, caption: str = "") -> int | None:
        """A photo, with or without words."""
        file = self._world.keep(Upload(name="photo.png", data=picture()))
        return self._send(file=file, content={"photo": [file.json(width=4, height=4)]}, source=caption, rich=typed(caption))

    def send_voice(self) -> int | None:
        """A voice message."""
        file = self._world.keep(Upload(name="voice.ogg", data=VOICE))
        return self._send(file=file, content={"voice": file.json(duration=3, mime_type="audio/ogg")})

    def send_document(self, name: str, data: bytes, caption: str = "") -> int | None:
        """A file."""
        file = self._world.keep(Upload(name=name, data=data))
        return self._send(file=file, content={"document": file.json(file_name=name)}, source=caption, rich=typed(caption))

    def send_contact(self) -> int | None:
        """A contact."""
        return self._send(content={"contact": {"phone_number": "+10000000000", "first_name": "Somebody"}})

    def send_location(self) -> int | None:
        """A place."""
        return self._send(content={"location": {"latitude": 10.0, "longitude": 20.0}})

    def send_poll(self) -> int | None:
        """A poll."""
        options = [{"persistent_id": str(n), "text": word, "voter_count": 0} for n, word in enumerate(("yes", "no"))]
        kind = {"is_closed": False, "is_anonymous": True, "type": "regular", "allows_multiple_answers": False}
        more = {"allows_revoting": True, "members_only": False}
        poll = {"id": "1", "question": "?", "options": options, "total_voter_count": 0, **kind, **more}
        return self._send(content={"poll": poll})

    def blocks_bot(self) -> int | None:
        """Block the bot: it can no longer write here, and is told so."""
        self.chat.standing = "blocked"
        return member(self._world, self.chat, self.user(), "member", "kicked")

    def unblocks(self) -> int | None:
        """Let it write again."""
        self.chat.standing = "open"
        return member(self._world, self.chat, self.user(), "kicked", "member")

    def deletes_account(self) -> None:
        """Leave Telegram: no update, and nothing can be sent any more."""
        self.chat.standing = "deleted"

    def _opens(self) -> None:
        if self.chat.standing == "blocked":
            raise ValueError("whoever blocks a bot cannot write to it: unblock it first")
        self.chat.standing = "open"

    def _send(self, **what: Any) -> int | None:
        self._opens()
        return self._world.emit("message", self._world.write(self.chat, self.user(), **what).json(), self.chat)


class Group:
    """A group with the bot in it, which hears all that is said there."""

    def __init__(self, world: World, *, id: int, title: str) -> None:
        if id >= 0:
            raise ValueError("the id of a group or a channel is negative")
        self._world = world
        self.chat = Chat(id=id, kind="supergroup", standing="open", title=title)
        world.chats[id] = self.chat

    def say(self, person: Person, text: str, *, reply_to: Message | None = None, thread: int | None = None) -> int | None:
        """Somebody says something, perhaps in a topic of the group."""
        self._meets(person)
        about: dict[str, Any] = {}
        if thread is not None:
            self.chat.threads.add(thread)
            about = {"message_thread_id": thread, "is_topic_message": True}
        return said(self._world, self.chat, person.user(), text, reply_to, about)

    def tap(self, person: Person, message: Message | None, what: str) -> int | None:
        """Somebody presses a button, as in a private chat."""
        self._meets(person)
        return tapped(self._world, person.user(), self.chat, message, what)

    def adds_bot(self, person: Person) -> int | None:
        """Somebody brings the bot in."""
        self.chat.standing = "open"
        return member(self._world, self.chat, person.user(), "left", "member")

    def removes_bot(self, person: Person) -> int | None:
        """Somebody puts it out."""
        self.chat.standing = "kicked"
        return member(self._world, self.chat, person.user(), "member", "kicked")

    def _meets(self, person: Person) -> None:
        if person.chat.standing == "unknown":
            person.chat.standing = "met"


class Channel:
    """A channel with the bot in it."""

    def __init__(self, world: World, *, id: int, title: str) -> None:
        if id >= 0:
            raise ValueError("the id of a group or a channel is negative")
        self._world = world
        self.chat = Chat(id=id, kind="channel", standing="open", title=title)
        world.chats[id] = self.chat

    def channel_post(self, text: str) -> int | None:
        """A post."""
        message = self._world.write(self.chat, None, source=text, rich=typed(text), about={"sender_chat": self.chat.json()})
        return self._world.emit("channel_post", message.json(), self.chat)

    def edit(self, message: Message, text: str) -> int | None:
        """A post is changed."""
        message.change(date=self._world.date(), source=text, rich=typed(text), markup=None)
        return self._world.emit("edited_channel_post", message.json(), self.chat)


# -- what is done alike everywhere -----------------------------------------------------------------------------------


def said(
    world: World,
    chat: Chat,
    user: dict[str, Any],
    text: str,
    reply_to: Message | None,
    about: dict[str, Any] | None = None,
) -> int | None:
    """Somebody says something somewhere; the id of the last update."""
    told = dict(about or {})
    if reply_to is not None:
        told["reply_to_message"] = {name: value for name, value in reply_to.json().items() if name != "reply_to_message"}
    number = None
    for portion in list(portions(text)):
        message = world.write(chat, user, source=portion, rich=typed(portion), about=told)
        number = world.emit("message", message.json(), chat)
    return number


def tapped(world: World, user: dict[str, Any], chat: Chat, message: Message | None, what: str) -> int | None:
    """Somebody presses a button that is there."""
    under = message or chat.keyboard
    buttons = [button for button in (under.buttons if under else ()) if button.data]
    ways = (lambda b: b.data == what, lambda b: b.text == what, lambda b: what in b.text)
    found = next((button for way in ways for button in buttons if way(button)), None)
    if found is None or under is None:
        raise LookupError(f"there is no such button: {len(buttons)} can be pressed")
    return pressed(world, user, under, found.data or "", inaccessible=False)


def pressed(world: World, user: dict[str, Any], message: Message, data: str, *, inaccessible: bool) -> int | None:
    """Somebody presses a button, there or not. A message that is gone comes as an inaccessible one."""
    query = Query(id=str(10**15 + len(world.queries)), chat=message.chat.id)
    world.queries[query.id] = query
    shown = message.json()
    if inaccessible or message.deleted:
        shown = {"message_id": message.id, "chat": message.chat.json(), "date": 0}
    told = {"id": query.id, "from": user, "message": shown, "chat_instance": str(abs(message.chat.id)), "data": data}
    return world.emit("callback_query", told, message.chat)


def member(world: World, chat: Chat, user: dict[str, Any], before: str, after: str) -> int | None:
    """The bot's own standing in a chat has changed."""

    def told(status: str) -> dict[str, Any]:
        return {"user": world.bot, "status": status, **({"until_date": 0} if status == "kicked" else {})}

    content = {"chat": chat.json(), "from": user, "date": world.date()}
    world.pulse.beat()
    return world.emit("my_chat_member", {**content, "old_chat_member": told(before), "new_chat_member": told(after)}, chat)
