"""A person in a simulated Discord, in a server or in the direct messages: sees what Discord shows, and nothing else.

Only which key stands behind a button is looked up, with the bot's own seal: what is seen would not tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import discord
from simcord.components import walk_components
from simcord.env import Env

import bot.app
from bot.content.loader import Plural
from bot.content.render import plain
from bot.platforms.discord.client import CloserClient
from bot.platforms.discord.inbound import MAIL, OWN, PREFIX, TICKS, TYPE
from bot.platforms.token import Press
from bot.settings import Settings
from tests.conftest import Clock

SERVER, DIRECT = "server", "direct"
_FIELD = re.compile(r"\{\w+\}")
_LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(<?([^)>]*)>?\)")
_OWN = (TYPE, MAIL, OWN)


class World:
    """The simulation, and the bot that is in it now."""

    def __init__(self, env: Env, settings: Settings, clock: Clock) -> None:
        self.env, self.settings, self.clock = env, settings, clock
        self.channel = env.create_guild().create_text_channel("general")
        self._people = 0

    @property
    def client(self) -> CloserClient:
        return self.env.bot

    def person(self, place: str = SERVER) -> Somebody:
        self._people += 1
        user = self.env.create_user(f"person-{self._people}")
        return Somebody(self, user, place)

    async def restart(self) -> None:
        """End the program as a signal does, and start it again on the same files."""
        await self.client.close()
        await self.env.restart_bot(bot.app.build_discord(self.settings, clock=self.clock))

    async def later(self, **span: float) -> None:
        before = self.clock.now
        self.clock.pass_(**span)
        await self.env.advance_time((self.clock.now - before).total_seconds())

    def requests(self, method: str, path: str) -> list[Any]:
        """The calls that the bot made to addresses like this."""
        return [r for r in self.env.http_requests if r.method == method and re.search(path, r.path)]


class Somebody:
    """Acts like `tests.person.Person`, through Discord."""

    language = "en"

    def __init__(self, world: World, user: Any, place: str) -> None:
        self.world, self.user, self.place = world, user, place
        self.member = world.env.guild.add_member(user)
        self.seen: list[discord.Message] = []
        self.result: Any = None

    @property
    def actor(self) -> Any:
        """Who presses: a member where the screen is in the server, the user where it is in the direct messages."""
        direct = self.seen and self.seen[-1].channel.id == self.user.dm_channel.id
        return self.user if direct else self.member

    # -- acting

    async def open(self) -> str:
        return await self.call("start")

    async def call(self, command: str) -> str:
        if self.place == DIRECT:
            return self._saw(await self.user.slash(command))
        return self._saw(await self.member.slash(self.world.channel, command))

    async def say(self, text: str) -> str:
        if self.place == DIRECT:
            return await self.send_dm(text)
        shown = await self.actor.click(self.last, custom_id=self._custom(TYPE))
        return self._saw(await self.actor.submit_modal(shown, {"words": text}), self.last)

    async def send(self) -> str:
        """A picture. Hidden messages cannot be answered with one: it goes to the direct messages."""
        return await self.send_dm("", picture=True)

    async def send_dm(self, text: str, *, picture: bool = False) -> str:
        pictures = [("cat.png", b"\x89PNG")] if picture else []
        more = {"attachments": self.world.env.backend.store_attachments(self.user.dm_channel.id, pictures)}
        before = {message.id for message in self.user.dm_channel.history()}
        await self.user.send_dm(text, **more)
        new = [m for m in self.user.dm_channel.history() if m.id not in before and m.author.bot]
        self.seen = sorted(new, key=lambda message: message.id)
        self.result = None
        return self.text

    async def tap(self, key: str) -> str:
        """Press the button of this key, or tick or untick it where it is in a select."""
        assert key in self.keys, f"{key} is not among {self.keys}"
        message = self.last
        for control in self._controls():
            if self._key(control.get("custom_id", "")) == key:
                return self._saw(await self.actor.click(message, custom_id=control["custom_id"]), message)
            options = {self._key(option["value"]): option for option in control.get("options", ())}
            if key in options:
                ticks = str(self._key(control["custom_id"])).startswith(TICKS)
                wanted = {k for k, option in options.items() if option.get("default")} ^ {key} if ticks else {key}
                values = [options[k]["value"] for k in options if k in wanted]
                return self._saw(await self.actor.select(message, values, custom_id=control["custom_id"]), message)
        raise AssertionError(key)

    async def tap_own(self, key: str) -> str:
        """Press one of the adapter's own buttons."""
        return self._saw(await self.actor.click(self.last, custom_id=self._custom(key)), self.last)

    async def type(self, key: str) -> str:
        return await self.say(next(label for k, label in self._labels() if k == key))

    async def number(self, key: str) -> str:
        return await self.say(str(self.choices.index(key) + 1))

    # -- looking

    @property
    def last(self) -> discord.Message:
        return self.seen[-1]

    @property
    def keys(self) -> list[str]:
        return [key for key, _ in self._labels() if key not in _OWN]

    @property
    def choices(self) -> list[str]:
        return [key for key in self.keys if not key.startswith(":")]

    @property
    def text(self) -> str:
        return "\n\n".join(_as_read(message.content) for message in self.seen)

    @property
    def files(self) -> list[discord.Attachment]:
        return [file for message in self.seen for file in message.attachments]

    def sees(self, key: str) -> bool:
        """Whether the words at `key`, in any of their wordings, are on screen."""
        entry = self.world.client.desk.core.library.entry(self.language, key)
        texts = tuple(entry.forms.values()) if isinstance(entry, Plural) else (entry,) if isinstance(entry, str) else entry
        text = self.text
        return any(all(p.strip() in text for p in _FIELD.split(plain(_LINK.sub(r"\1", t))) if p.strip()) for t in texts)

    def press(self, custom: str) -> Press | None:
        """What is sealed in a custom id or a value, for this person."""
        return self.world.client.desk.opens(self.user.id, custom.removeprefix(PREFIX))

    def _saw(self, result: Any, pressed: discord.Message | None = None) -> str:
        self.result = result
        shown = [*([result.response] if result.response else []), *result.followups]
        # What stays on screen, and only lost its buttons, is no part of the answer.
        if pressed is not None and result.followups and shown[0].id == pressed.id and shown[0].content == pressed.content:
            shown = shown[1:]
        self.seen = [each.message for each in shown]
        return self.text

    def _labels(self) -> Iterator[tuple[str, str]]:
        for control in self._controls():
            for custom, shown in [
                (control.get("custom_id", ""), control),
                *((o["value"], o) for o in control.get("options", ())),
            ]:
                key = self._key(custom)
                if key is not None and "label" in shown:
                    yield key, shown["label"]

    def _controls(self) -> list[Any]:
        rows = [row.to_dict() for row in self.last.components]
        return [control for control in walk_components(rows) if control["type"] != 1]

    def _custom(self, key: str) -> str:
        return next(c["custom_id"] for c in self._controls() if self._key(c["custom_id"]) == key)

    def _key(self, custom: str) -> str | None:
        press = self.press(custom)
        own = press.key.partition(".")[0] if press else None
        return own if own in _OWN or press is None else press.key


def _as_read(content: str) -> str:
    """The words of a message as somebody reads them, addresses in place of links."""
    text = _LINK.sub(r"\1", content)
    text = re.sub(r"(?<!\\)<(https?://[^>]*)>", r"\1", text)
    text = re.sub(r"(?s)(?<!\\)\*\*(.+?)(?<!\\)\*\*", r"\1", text)
    text = re.sub(r"(?s)(?<!\\)\*(.+?)(?<!\\)\*", r"\1", text)
    return re.sub(r"\\(\W|_)", r"\1", text)
