"""The core's stories, unchanged, through a simulated Discord: in a server, hidden from others, and in direct messages.

They are told in English: the simulation knows one locale. Other languages are in `test_raw.py`.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.discord.somebody import DIRECT, SERVER, World
from tests.test_stories import STORIES, told


def _told() -> list[Any]:
    return [
        pytest.param(story, place, id=f"{path.stem}-{number}-{place}")
        for path in STORIES
        for number, story in enumerate(yaml.safe_load(path.read_text("utf-8")))
        for place in (SERVER, DIRECT)
        if story.get("platform", "discord") == "discord"
    ]


@pytest.mark.parametrize(("story", "place"), _told())
async def test_story(story: dict[str, Any], place: str, world: World) -> None:
    person = world.person(place)

    async def later(hours: float) -> None:
        await world.later(hours=hours)

    def hidden(where: str) -> None:
        assert all(message.flags.ephemeral == (message.guild is not None) for message in person.seen), where

    await told(story, person, world.settings, restart=world.restart, later=later, after=hidden)
