"""What the simulation does not know: other locales, installs to one's own account, private channels, a channel without the bot.

The event is Discord's, changed by hand on its way in; the whole client answers it.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from simcord import interactions
from simcord.enums import InteractionType

from bot.platforms.discord.inbound import TYPE
from bot.settings import Settings
from tests.conftest import Clock
from tests.discord.acts import answers, forged
from tests.discord.conftest import simulated
from tests.discord.somebody import DIRECT, SERVER, Somebody, World
from tests.person import at_first_question
from tests.pseudo import moved, translate

PLACES = pytest.mark.parametrize("place", [SERVER, DIRECT])
# As Discord sends them for an app that somebody installed to their own account.
OWN_ACCOUNT = {"authorizing_integration_owners": {"1": "7"}}
PRIVATE = {"context": 2, "channel": {"id": "60", "type": 3, "recipients": [], "icon": None, "name": None}, **OWN_ACCOUNT}


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory, two_languages: Path) -> Path:
    """Words in a language that Discord has a locale for; made up, as that is all the same here."""
    root = tmp_path_factory.mktemp("german") / "content"
    shutil.copytree(two_languages, root)
    for english in (root / "core" / "en.yaml", root / "packs" / "intimacy" / "en.yaml"):
        translate(english, english.with_name("de.yaml"))
    return root


@pytest.fixture
async def abroad(settings: Settings, clock: Clock, german: Path) -> AsyncIterator[World]:
    there = settings.model_copy(update={"content_dir": german})
    async with simulated(there, clock) as env:
        yield World(env, there, clock)


async def called(person: Somebody, name: str, **where: Any) -> list[Any]:
    """A command, in an event that is changed on its way."""
    env = person.world.env
    direct = person.place == DIRECT
    record, payload = interactions.base_payload(
        env.backend,
        type=InteractionType.APPLICATION_COMMAND,
        channel_id=person.user.dm_channel.id if direct else person.world.channel.id,
        guild_id=None if direct else env.guild.id,
        user_id=person.user.id,
        data={"id": "1", "name": name, "type": 1},
    )
    env.backend.emit("INTERACTION_CREATE", {**payload, **where})
    await env.settle()
    person.seen = answers(person.world, record)
    return person.seen


def english(world: World, key: str) -> str:
    return str(world.client.desk.core.library.entry("en", key))


@PLACES
async def test_the_language_is_the_apps(abroad, place):
    person = abroad.person(place)
    (message,) = await called(person, "start", locale="de")
    assert moved("Are you 18 or older?") in message.content
    labels = [label for _, label in person._labels()]
    assert moved("Get help now") in labels
    assert (moved("Type it") in labels) == (place == SERVER)
    (message,) = await called(person, "start", locale="en-GB")
    assert "Are you 18 or older?" in message.content
    (message,) = await called(person, "start", locale="ja")
    assert "Are you 18 or older?" in message.content


async def test_until_the_person_chooses_another(abroad):
    person = abroad.person()
    await called(person, "language", locale="en-US")
    await person.tap(next(key for key, label in person._labels() if key == "de"))
    (message,) = await called(person, "start", locale="en-US")
    assert moved("Are you 18 or older?") in message.content
    # The adapter's own buttons, and what they lead to, speak the same language as the rest.
    assert moved("Type it") in [label for _, label in person._labels()]
    form = await person.member.click(message, custom_id=person._custom(TYPE))
    assert form.modal["title"] == moved(english(abroad, "discord.write.title"))


async def test_direct_messages_are_answered_in_the_language_of_the_last_press(abroad):
    person = abroad.person(DIRECT)
    await called(person, "start", locale="de")
    await person.send_dm("?")
    assert moved("Are you 18 or older?") in person.last.content
    await called(person, "start", locale="en-US")
    await person.send_dm("?")
    assert "Are you 18 or older?" in person.last.content


async def test_the_menu_speaks_the_languages_that_discord_knows(abroad):
    why = abroad.env.backend.commands[None][("why", 1)]
    assert why["description_localizations"] == {"de": moved(english(abroad, "commands.why"))}
    assert why["name_localizations"] == {"de": moved("why")}
    await abroad.restart()
    assert len(abroad.requests("PUT", "/commands$")) == 1


@pytest.mark.parametrize("where", [PRIVATE, {**PRIVATE, "channel": {"id": "60", "type": 1, "recipients": []}}])
async def test_in_a_private_channel_everything_is_hidden(world, where):
    person = world.person(DIRECT)
    for name in world.client.desk.core.commands:
        shown = await called(person, name, **where)
        assert shown
        assert all(message.flags.ephemeral for message in shown)
    await called(person, "why", **where)
    (message,) = answers(world, await forged(person, person._controls()[0]["custom_id"], where=where))
    assert message.id == person.last.id, "edited in place"
    (message,) = answers(world, await forged(person, "c:forged", where=where))
    assert message.flags.ephemeral


async def test_an_install_to_ones_own_account_works_in_a_server_without_the_bot(world):
    person = await at_first_question(world.person())
    stranger = {"guild_id": "7", "guild": {"id": "7", "locale": "en-US", "features": []}, **OWN_ACCOUNT}
    (message,) = await called(person, "why", **stranger)
    assert message.flags.ephemeral


async def test_an_event_without_a_context_is_hidden(world):
    person = world.person(DIRECT)
    env = world.env
    record, payload = interactions.base_payload(
        env.backend,
        type=InteractionType.APPLICATION_COMMAND,
        channel_id=person.user.dm_channel.id,
        guild_id=None,
        user_id=person.user.id,
        data={"id": "1", "name": "why", "type": 1},
    )
    del payload["context"]
    env.backend.emit("INTERACTION_CREATE", payload)
    await env.settle()
    assert all(message.flags.ephemeral for message in answers(world, record))


async def test_an_event_that_comes_twice_counts_once(world):
    """The second answer goes to the event that it repeats, and is refused there: the first has been answered."""
    person = world.person()
    await person.open()
    custom = next(c["custom_id"] for c in person._controls() if person._key(c["custom_id"]) == "adult")
    first = await forged(person, custom)
    person.seen = answers(world, first)
    await forged(person, custom, where={"id": str(first.id), "token": first.token})
    await person.tap(person.choices[0])
    assert not person.sees("lines.stale")
