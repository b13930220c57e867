"""The stories of the core, unchanged, through Telegram: over HTTP to a server that checks every request."""

from __future__ import annotations

from typing import Any

import pytest

from bot.settings import Settings
from tests.botapi.server import bot_api
from tests.conftest import Clock
from tests.telegram.desk import Reader, desk
from tests.test_stories import posted, stories, told


@pytest.mark.parametrize(("story", "language"), stories())
async def test_story(story: dict[str, Any], language: str, settings: Settings, clock: Clock) -> None:
    async with bot_api() as api, desk(api, settings, clock) as program:
        person = Reader(program, language=language)

        async def restart() -> None:
            await program.stop()
            await program.start()
            person.runtime = program.runtime

        async def later(hours: float) -> None:
            clock.pass_(hours=hours)

        arrive = posted(person, lambda: program.service)
        await told(story, person, settings, restart=restart, later=later, arrive=arrive)
