"""The stories of the core, unchanged, through Telegram: over HTTP to a server that checks every request."""

from __future__ import annotations

from typing import Any

import pytest

from bot.settings import Settings
from tests.botapi.server import bot_api
from tests.conftest import Clock
from tests.disk import rows
from tests.telegram.desk import Reader, desk
from tests.test_stories import _act, _told


@pytest.mark.parametrize(("story", "language"), _told())
async def test_story(story: dict[str, Any], language: str, settings: Settings, clock: Clock) -> None:
    async with bot_api() as api, desk(api, settings, clock) as program:
        person = Reader(program, language=language)
        for number, line in enumerate(story["acts"]):
            (act, value), *_ = line.items()
            where = f"{story['title']}, act {number}: {line}"
            if act == "restart":
                await program.stop()
                await program.start()
                person.runtime = program.runtime
            elif act == "entries":
                assert rows(settings)["entries"] == value, where
            elif act == "later":
                clock.pass_(hours=value)
            elif act in ("see", "unseen"):
                for key in value:
                    assert person.sees(key) == (act == "see"), f"{where}\n{person.text}"
            elif act in ("choices", "no_choices"):
                for key in value:
                    assert (key in person.keys) == (act == "choices"), f"{where}: {person.keys}"
            else:
                await _act(person, act, value)
