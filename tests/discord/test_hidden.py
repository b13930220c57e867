"""Who sees what: in a server one person alone, and of the messages that change no more than they need to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.platforms.discord.inbound import MAIL
from tests.discord.acts import again, result
from tests.discord.somebody import DIRECT, SERVER
from tests.person import at_first_question, remembered

PLACES = pytest.mark.parametrize("place", [SERVER, DIRECT])


# -- who sees it ------------------------------------------------------------------------------------------------------


@PLACES
async def test_every_command_is_answered_in_one_call_and_seen_by_nobody_else(world, place):
    person = world.person(place)
    names = person.member.available_commands(world.channel)
    assert set(names) == set(world.client.desk.core.commands)
    assert set(names) == set(person.user.available_commands())
    for name in names:
        before = len(world.env.http_requests)
        await person.call(name)
        calls = world.env.http_requests[before:]
        assert person.seen, name
        assert calls[0].path.endswith("/callback"), name
        assert len(calls) == len(person.seen), name
        assert all(message.flags.ephemeral == (place == SERVER) for message in person.seen), name


async def test_in_a_server_nothing_at_all_can_be_seen_by_others(world):
    person, other = world.person(), world.person()
    await result(person)
    await person.tap("step")
    await person.call("export")
    await person.call("forget")
    assert world.channel.history(viewer=other.member) == []
    assert len(world.channel.history(viewer=person.member)) > 3


async def test_errors_are_as_private_as_answers(world, monkeypatch):
    person, other = world.person(), world.person()
    await person.open()

    async def fails(*_: Any) -> None:
        raise RuntimeError("somebody's words")

    monkeypatch.setattr(world.client.desk, "core", replace(world.client.desk.core, turn=fails))
    await person.tap("adult")
    assert person.sees("lines.trouble")
    await person.call("why")
    assert person.sees("lines.trouble")
    assert world.channel.history(viewer=other.member) == []


# -- one message that changes -----------------------------------------------------------------------------------------


@PLACES
async def test_a_press_changes_the_message_in_one_call(world, place):
    person = await at_first_question(world.person(place))
    before, message = len(world.env.http_requests), person.last.id
    await person.tap("few" if "few" in person.keys else person.choices[0])
    calls = world.env.http_requests[before:]
    assert [call.path.rsplit("/", 1)[1] for call in calls] == ["callback"]
    assert calls[0].json["type"] == 7
    assert person.last.id == message


@PLACES
async def test_what_is_worth_keeping_stays_and_loses_its_buttons(world, place):
    person = await at_first_question(world.person(place))
    await person.call("sos")
    kept = person.last
    assert len(person.seen) == 1
    await person.tap("on")
    assert person.last.id != kept.id
    assert person.last.flags.ephemeral == (place == SERVER)
    stays = await again(person, kept)
    assert stays.content == kept.content
    left = [control["custom_id"] for row in stays.components for control in row.to_dict()["components"]]
    assert [person._key(custom) for custom in left] == ([MAIL] if place == SERVER else [])


@PLACES
async def test_a_result_takes_the_place_of_the_question_and_is_left_alone(world, place):
    person = await result(world.person(place))
    *_, kept, screen = person.seen
    await person.tap("step")
    assert person.last.id == screen.id
    stays = await again(person, kept)
    assert (stays.content, len(stays.components)) == (kept.content, place == SERVER)


@PLACES
async def test_pick_several_is_a_select_that_is_edited_in_place(world, place):
    person = await at_first_question(world.person(place))
    while ":done" not in person.keys:
        await person.tap(":skip")
    message, first, second = person.last.id, *person.choices[:2]
    await person.tap(first)
    await person.tap(second)
    assert person.last.id == message
    select = next(c for c in person._controls() if c["type"] == 3)
    ticked = [person.press(option["value"]).key for option in select["options"] if option.get("default")]
    assert ticked == [first, second]
    await person.tap(first)
    assert [person.press(o["value"]).key for o in person._controls()[0]["options"] if o.get("default")] == [second]
    await person.tap(":done")
    assert ":done" not in person.keys or person.choices[:1] != [first]


async def test_files_come_with_the_answer_and_stay_when_the_walk_goes_on(world):
    person = await remembered(world.person())
    await person.call("export")
    assert sorted(file.filename.rsplit(".", 1)[1] for file in person.files) == ["csv", "json"]
    assert all(message.flags.ephemeral for message in person.seen)
    message = person.last
    await person.tap(":back")
    assert person.last.id != message.id
    assert len((await again(person, message)).attachments) == 2
