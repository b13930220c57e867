"""Every story in `stories/`, through the whole runtime, in every language it can be told in.

A story is a list of acts and of what is then seen, all by key. Acts: open, call, tap, type (the label of a choice),
number (its number), say (literal words), send (a picture), mail (a button under what arrived, whatever is on screen by now),
later (hours), arrives (the same, and what is sent by itself by then), restart. Sights: see, unseen, choices,
no_choices, entries (how many results are stored).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.app import build
from bot.content.render import Bubble, plain
from bot.nudges.loop import Loop, Means
from bot.ports import Address
from bot.settings import Settings
from tests.conftest import Clock
from tests.disk import rows
from tests.nudges.scene import stock
from tests.person import Person
from tests.pseudo import LANGUAGE

STORIES = sorted((Path(__file__).parent / "stories").glob("*.yaml"))


def stories() -> list[Any]:
    """Each story in each language it can be told in, as parameters of a test."""
    found = []
    for path in STORIES:
        for number, story in enumerate(yaml.safe_load(path.read_text("utf-8"))):
            for language in story.get("languages", ["en", LANGUAGE]):
                name = f"{path.stem}-{number}-{language}"
                found.append(pytest.param(story, language, id=name))
    return found


@pytest.mark.parametrize(("story", "language"), stories())
async def test_story(story: dict[str, Any], language: str, settings: Settings, clock: Clock) -> None:
    person = Person(await build(settings, clock), language=language, platform=story.get("platform", "terminal"))

    async def restart() -> None:
        await person.runtime.store.close()
        person.runtime = await build(settings, clock)

    async def later(hours: float) -> None:
        clock.pass_(hours=hours)

    try:
        await told(story, person, settings, restart=restart, later=later, arrive=posted(person))
    finally:
        await person.runtime.store.close()


class Letterbox:
    """Hands what is sent by itself to one person; `on` sends it on."""

    def __init__(self, person: Any, on: Any = None) -> None:
        self.name, self.person, self.on = person.address.platform, person, on
        self.arrived: list[str] = []

    async def deliver(self, to: Address, bubbles: Sequence[Bubble], within: float) -> None:
        if self.on is not None:
            await self.on.deliver(to, bubbles, within)
        self.person.bubbles = tuple(bubbles)
        self.person.seen = [plain(bubble.text) for bubble in bubbles]
        self.arrived += [key for bubble in bubbles for button in bubble.choices if (key := button.key)]


def posted(person: Any, on: Callable[[], Any] = lambda: None) -> Callable[[], Awaitable[int]]:
    """Has sent to this person what is due by now; how much that was."""

    async def arrive() -> int:
        box = Letterbox(person, on())
        mine = replace(stock(), library=person.runtime.library)
        loop = Loop(box, Means(store=person.runtime.store, stock=mine, clock=person.runtime.clock))
        await loop._take()
        while loop._under_way:
            await asyncio.wait(loop._under_way)
        return len(box.arrived)

    return arrive


async def told(
    story: dict[str, Any],
    person: Any,
    settings: Settings,
    *,
    restart: Callable[[], Awaitable[None]],
    later: Callable[[float], Awaitable[None]],
    arrive: Callable[[], Awaitable[int]] | None = None,
    after: Callable[[str], None] = lambda where: None,
) -> None:
    """Play a story with this person, on whatever platform. `after` looks at each act once it is done."""
    for number, line in enumerate(story["acts"]):
        (act, value), *_ = line.items()
        where = f"{story['title']}, act {number}: {line}"
        if act == "restart":
            await restart()
        elif act == "entries":
            assert rows(settings)["entries"] == value, where
        elif act == "later":
            await later(value)
        elif act in ("arrives", "nothing_arrives"):
            await later(value)
            assert arrive is not None
            assert bool(await arrive()) == (act == "arrives"), where
        elif act in ("see", "unseen"):
            for key in value:
                assert person.sees(key) == (act == "see"), f"{where}\n{person.text}"
        elif act in ("choices", "no_choices"):
            for key in value:
                assert (key in person.keys) == (act == "choices"), f"{where}: {person.keys}"
        else:
            await _act(person, act, value)
            after(where)


async def _act(person: Any, act: str, value: Any) -> None:
    if act in ("open", "send"):
        await getattr(person, act)()
        return
    for item in value if isinstance(value, list) else [value]:
        await getattr(person, act)(str(item))
