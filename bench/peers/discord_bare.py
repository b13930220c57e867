"""The least that discord.py can do with a press: a View whose buttons edit the message to the next question.

No storage at all: the next question follows from the button. A View a message is what discord.py keeps of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import discord

from bench.gateway import ASIDE, Wire, connected, hear, message, press
from bench.peers.questions import Asked, questions
from bench.timing import Turn
from bench.walk import IDS


class Question(discord.ui.View):
    """One question's buttons."""

    def __init__(self, asked: Sequence[Asked], at: int) -> None:
        super().__init__(timeout=None)
        self._asked, self._at = asked, at
        for key, label in asked[at].choices:
            button: discord.ui.Button[Question] = discord.ui.Button(label=label, custom_id=f"answer:{at}:{key}")
            button.callback = self._pressed  # type: ignore[method-assign]
            self.add_item(button)

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        after = (self._at + 1) % len(self._asked)
        await interaction.response.edit_message(content=self._asked[after].text, view=Question(self._asked, after))


class DiscordBare:
    """A client, and people who stand at the first question; each has a message of its own."""

    def __init__(self, people: int) -> None:
        self._asked = questions()
        self._client = discord.AutoShardedClient(intents=discord.Intents.none(), shard_count=1, max_messages=None)
        self._wire: Wire
        self._shown: dict[int, dict[str, Any]] = {}
        self._people = people

    @classmethod
    async def open(cls, people: int) -> DiscordBare:
        """Ready for events."""
        made = cls(people)
        made._wire = await connected(made._client)
        for person in range(1, people + 1):
            made.arrive(person)
        return made

    def arrive(self, person: int) -> None:
        """One more, at the first question."""
        view = Question(self._asked, 0)
        self._client.add_view(view, message_id=person)
        self._shown[person] = message(self._asked[0].text, view.to_components(), person)

    def turns(self, person: int, number: int) -> list[Turn]:
        """So many presses of this person: JSON in, bytes out."""
        return [lambda: self._turn(person)] * number

    async def close(self) -> None:
        """Let go of nothing."""
        await asyncio.sleep(0)

    async def _turn(self, person: int) -> None:
        with ASIDE:
            shown, token = self._shown[person], str(next(IDS))
            raw = press(token, person, shown["components"][0]["components"][0]["custom_id"], shown)
        sent = await hear(self._client, self._wire, raw, token)
        self._shown[person] = message(sent["content"], sent["components"], person)
