"""Some of the stories, told to the whole program on a server's database, with the restarts that they ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests import test_stories
from tests.stores.conftest import only

if TYPE_CHECKING:
    from bot.settings import Settings
    from tests.conftest import Clock
    from tests.stores.conftest import Server

# What they look at on the disk itself, they look for in a file.
ASKED = ("restart", "arrives")


def chosen() -> list[Any]:
    """Those in English in which something is kept from one start to the next, or sent by itself."""
    found = []
    for each in test_stories.stories():
        story, language = each.values
        acts = {act for line in story["acts"] for act in line}
        if language == "en" and not acts.isdisjoint(ASKED) and "entries" not in acts:
            found.append(each)
    return found


@only("postgres")
@pytest.mark.parametrize(("story", "language"), chosen())
async def test_the_same_on_a_server(
    story: dict[str, Any], language: str, settings: Settings, clock: Clock, world: Server
) -> None:
    await test_stories.test_story(story, language, settings.model_copy(update={"database_url": world.url}), clock)
    # The key is noted where the database is opened, and here by the story alone.
    assert world.sql("SELECT name FROM meta WHERE name = 'key'") == [("key",)]
