"""Somebody in front of that Discord, who knows only what is on the screen: the words and the buttons of a hidden message."""

from __future__ import annotations

import re
from typing import Any

from tests.discord.gateway import FakeDiscord
from tests.discord.raw import event, message
from tests.talk import LAST

_PLACE = re.compile(r"(\d+) of about")


class Caller:
    """One user in a server. Acts, waits for the answer, and looks at it."""

    def __init__(self, discord: FakeDiscord, who: int = 987_654_321_012_345_678) -> None:
        self.discord, self.who = discord, who
        self.screen: dict[str, Any] = {}

    # -- acting

    async def call(self, command: str) -> None:
        await self.read(await self.discord.push(event(2, {"id": "1", "name": command, "type": 1}, who=self.who)))

    async def tap(self, label: str) -> None:
        """Press the button whose words hold these, and read the answer."""
        await self.read(await self.press(label))

    async def press(self, label: str) -> str:
        """Only press it. Returns the id of the press."""
        found = [control for control in self._controls() if label.casefold() in control["label"].casefold()]
        assert found, "no such button"
        shown = message(components=self.screen["components"])
        data = {"custom_id": found[0]["custom_id"], "component_type": 2}
        return await self.discord.push(event(3, data, who=self.who, message=shown))

    async def read(self, name: str) -> None:
        """Wait for the answer to this, and have it on screen."""
        await self.discord.until(lambda: self._answers(name))
        (self.screen,) = self._answers(name)

    async def remembered(self) -> None:
        """At the second question, and remembered."""
        await self.call("start")
        for label in ("18 or older", "About 5 minutes"):
            await self.tap(label)
        await self.tap(self._controls()[0]["label"])
        await self.call("privacy")
        for label in ("Remember my progress", "Yes"):
            await self.tap(label)

    # -- looking

    @property
    def place(self) -> int:
        """The number of the question on screen."""
        found = _PLACE.search(self.screen["content"])
        assert found, "no question is on screen"
        return int(found[1])

    def _answers(self, name: str) -> list[dict[str, Any]]:
        """The messages with buttons that lead on, of those that answer this."""
        return [body for body in self.discord.answers.get(name, ()) if LAST in {c["label"] for c in _buttons(body)}]

    def _controls(self) -> list[dict[str, Any]]:
        return _buttons(self.screen)


def _buttons(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [control for row in body.get("components", ()) for control in row["components"] if "label" in control]
