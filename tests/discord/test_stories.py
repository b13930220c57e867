"""The core's stories, unchanged, through a simulated Discord: in a server, hidden from others, and in direct messages.

They are told in English: the simulation knows one locale. Other languages are in `test_raw.py`.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.discord.somebody import DIRECT, SERVER, Somebody, World
from tests.disk import rows
from tests.test_stories import STORIES


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
    for number, line in enumerate(story["acts"]):
        (act, value), *_ = line.items()
        where = f"{story['title']}, act {number}: {line}"
        if act == "restart":
            await world.restart()
        elif act == "entries":
            assert rows(world.settings)["entries"] == value, where
        elif act == "later":
            await world.later(hours=value)
        elif act in ("see", "unseen"):
            for key in value:
                assert person.sees(key) == (act == "see"), f"{where}\n{person.text}"
        elif act in ("choices", "no_choices"):
            for key in value:
                assert (key in person.keys) == (act == "choices"), f"{where}: {person.keys}"
        else:
            await _act(person, act, value)
            assert all(message.flags.ephemeral == (message.guild is not None) for message in person.seen), where


async def _act(person: Somebody, act: str, value: Any) -> None:
    if act in ("open", "send"):
        await getattr(person, act)()
        return
    for item in value if isinstance(value, list) else [value]:
        await getattr(person, act)(str(item))
