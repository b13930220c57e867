"""A person who talks to the whole runtime, and looks at what comes back: by key, so that it reads the same in any language."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from bot.content.loader import Plural
from bot.content.render import Bubble, Button, plain
from bot.conversation.events import Called, Event, Opened, Sent, Tapped, Typed
from bot.ports import Address
from bot.runtime import Runtime

_IDS = itertools.count(1)
_FIELD = re.compile(r"\{\w+\}")


class Person:
    """Somebody on one platform, in one language."""

    def __init__(self, runtime: Runtime, name: str = "somebody", language: str = "en", platform: str = "terminal") -> None:
        self.runtime, self.language = runtime, language
        self.address = Address(platform=platform, user=name)
        self.bubbles: tuple[Bubble, ...] = ()

    # -- acting

    async def open(self) -> str:
        return await self.does(Opened(id=self.new_id(), language=self.language))

    async def call(self, command: str) -> str:
        return await self.does(Called(id=self.new_id(), language=self.language, command=command))

    async def say(self, text: str) -> str:
        return await self.does(Typed(id=self.new_id(), language=self.language, text=text))

    async def send(self) -> str:
        return await self.does(Sent(id=self.new_id(), language=self.language))

    async def tap(self, key: str, turn: int | None = None) -> str:
        """Press a button that is on screen; with `turn`, one from an earlier screen."""
        if turn is None:
            assert key in self.keys, f"{key} is not among {self.keys}"
        turn = self.last.turn if turn is None else turn
        return await self.does(Tapped(id=self.new_id(), language=self.language, turn=turn, key=key))

    async def mail(self, name: str) -> str:
        """Press a button of this name that arrived by itself, or stands under what it opened."""
        key = next((key for key in self.keys if key.partition(".")[0] == name), "")
        assert key, f"{name} is not among {self.keys}"
        return await self.does(Tapped(id=self.new_id(), language=self.language, turn=self.last.turn, key=key))

    async def type(self, key: str) -> str:
        """Type the words on a button that is on screen."""
        return await self.say(next(b.label for b in self.buttons if b.key == key))

    async def number(self, key: str) -> str:
        """Type the number of a choice that is on screen."""
        return await self.say(str([b.key for b in self.last.choices].index(key) + 1))

    async def does(self, event: Event) -> str:
        self.bubbles = await self.runtime.turn(self.address, event)
        return self.text

    @staticmethod
    def new_id() -> str:
        return f"e{next(_IDS)}"

    # -- looking

    @property
    def last(self) -> Bubble:
        return self.bubbles[-1]

    @property
    def buttons(self) -> Sequence[Button]:
        return (*self.last.choices, *self.last.nav)

    @property
    def keys(self) -> list[str]:
        return [button.key for button in self.buttons]

    @property
    def text(self) -> str:
        return "\n\n".join(plain(bubble.text) for bubble in self.bubbles)

    def sees(self, key: str) -> bool:
        """Whether the words at `key`, in any of their wordings, are on screen."""
        entry = self.runtime.library.entry(self.language, key)
        texts = tuple(entry.forms.values()) if isinstance(entry, Plural) else (entry,) if isinstance(entry, str) else entry
        return any(all(part.strip() in self.text for part in _FIELD.split(plain(text)) if part.strip()) for text in texts)


async def at_first_question(person: Person) -> Person:
    await person.open()
    await person.tap("adult")
    await person.tap("full")
    return person


async def remembered(person: Person) -> Person:
    """Past the door, and remembered; on the second question."""
    await at_first_question(person)
    await person.tap("new")
    await person.call("privacy")
    await person.tap("remember")
    await person.tap("yes")
    return person


async def write_own_words(person: Person, words: str) -> None:
    """Skip to the question that asks for words, and answer it; ends at the result."""
    while not person.last.writes:
        await person.tap(":skip")
    await person.say(words)
