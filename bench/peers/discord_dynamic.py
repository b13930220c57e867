"""The same questions with discord.py's own way to survive a restart: `DynamicItem`, and the answers in aiosqlite.

As durable as Closer: write-ahead log, `synchronous=FULL`, each answer its own commit, one row for each person.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any, Self

import aiosqlite
import discord

from bench.gateway import ASIDE, Wire, connected, hear, message, press
from bench.peers.questions import Asked, questions
from bench.timing import Turn
from bench.walk import IDS

TABLE = "CREATE TABLE IF NOT EXISTS answers (person INTEGER PRIMARY KEY, given TEXT)"
PUT = "INSERT INTO answers (person, given) VALUES (?, ?) ON CONFLICT (person) DO UPDATE SET given = excluded.given"
GET = "SELECT given FROM answers WHERE person = ?"


class Bot(discord.AutoShardedClient):
    """What the items work with."""

    line: aiosqlite.Connection
    lock: asyncio.Lock
    asked: tuple[Asked, ...]


class Answer(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"answer:(?P<at>[0-9]+):(?P<key>\w+)"):
    """One choice of one question."""

    def __init__(self, at: int, key: str, label: str) -> None:
        super().__init__(discord.ui.Button(label=label, custom_id=f"answer:{at}:{key}"))
        self.at, self.key = at, key

    @classmethod
    async def from_custom_id(cls, _: Any, item: Any, match: re.Match[str]) -> Self:
        """The item that was pressed."""
        return cls(int(match["at"]), match["key"], item.label)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Keep the answer, then show the next question."""
        bot = interaction.client
        after = (self.at + 1) % len(bot.asked)
        async with bot.lock:
            async with bot.line.execute(GET, (interaction.user.id,)) as cursor:
                row = await cursor.fetchone()
            given = json.loads(row[0]) if row else {}
            given = {**given, str(self.at): self.key} if after else {}
            await bot.line.execute(PUT, (interaction.user.id, json.dumps(given)))
            await bot.line.commit()
        await interaction.response.edit_message(content=bot.asked[after].text, view=screen(bot.asked, after))


def screen(asked: tuple[Asked, ...], at: int) -> discord.ui.View:
    """One question's buttons."""
    view = discord.ui.View(timeout=None)
    for key, label in asked[at].choices:
        view.add_item(Answer(at, key, label))
    return view


class DiscordDynamic:
    """A client with one kind of item, and people who stand at the first question."""

    def __init__(self) -> None:
        self._client = Bot(intents=discord.Intents.none(), shard_count=1, max_messages=None)
        self._client.asked = questions()
        self._client.add_dynamic_items(Answer)
        self._wire: Wire
        self._shown: dict[int, dict[str, Any]] = {}

    @classmethod
    async def open(cls, folder: Path, people: int) -> DiscordDynamic:
        """Ready for events."""
        made = cls()
        made._wire = await connected(made._client)
        # One connection: without a lock a commit would take others' unfinished writes with it.
        made._client.lock = asyncio.Lock()
        line = made._client.line = await aiosqlite.connect(folder / "answers.db")
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", TABLE):
            await line.execute(statement)
        await line.commit()
        for person in range(1, people + 1):
            rows = screen(made._client.asked, 0).to_components()
            made._shown[person] = message(made._client.asked[0].text, rows, person)
        return made

    def turns(self, person: int, number: int) -> list[Turn]:
        """So many presses of this person: JSON in, bytes out."""
        return [lambda: self._turn(person)] * number

    async def close(self) -> None:
        """Let go of the file."""
        await self._client.line.close()

    async def _turn(self, person: int) -> None:
        with ASIDE:
            shown, token = self._shown[person], str(next(IDS))
            raw = press(token, person, shown["components"][0]["components"][0]["custom_id"], shown)
        sent = await hear(self._client, self._wire, raw, token)
        self._shown[person] = message(sent["content"], sent["components"], person)
