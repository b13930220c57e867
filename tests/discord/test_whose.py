"""Whose a control is: others, forgers and latecomers get a kind line or see where they are, and change nothing.

An ephemeral message cannot be pressed by others, in the simulation as in Discord: somebody else's press is made by hand, as
the event that a forging client would cause.
"""

from __future__ import annotations

from typing import Any

import pytest

from bot.platforms.discord.inbound import OWN, PREFIX, TYPE
from tests.discord.acts import answers, forged, result
from tests.discord.somebody import DIRECT, SERVER
from tests.person import at_first_question, remembered

PLACES = pytest.mark.parametrize("place", [SERVER, DIRECT])


@PLACES
async def test_nothing_that_is_sent_says_what_it_means(world, place):
    person = world.person(place)
    await result(person)
    await person.tap("adjust")
    words = {"touch", "desire", "emotional", "validation", "belonging", "adult", "sos", *person.keys}
    sent = [request.json for request in world.env.http_requests if request.json and request.method != "PUT"]
    ids = [custom for custom in _values(sent, "custom_id") if custom != "words"] + list(_values(sent, "value"))
    assert len(ids) > 50
    for custom in ids:
        assert custom.startswith(PREFIX)
        assert len(custom) <= 100
        assert not any(word in custom.casefold() for word in words if len(word) > 3)


def _values(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        yield from (v for k, v in value.items() if k == name and isinstance(v, str))
        for item in value.values():
            yield from _values(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _values(item, name)


@PLACES
async def test_somebody_elses_button_is_answered_kindly_and_changes_nothing(world, place):
    person, other = world.person(place), world.person(place)
    await at_first_question(person)
    await other.open()
    theirs = [control["custom_id"] for control in person._controls()]
    before = [message.content for message in world.channel.history(viewer=person.member)]
    for custom in theirs:
        record = await forged(other, custom)
        (message,) = answers(world, record)
        assert message.id != other.last.id
        assert message.flags.ephemeral == (place == SERVER)
        assert message.content == world.client.desk.words.text("en", "discord.stranger.text")
    assert [message.content for message in world.channel.history(viewer=person.member)] == before
    await person.tap(person.choices[0])
    assert not person.sees("lines.stale")


@pytest.mark.parametrize("custom", ["c:", "c:AAAA", "c:" + "A" * 60, "answer:touch", "c:ü", "x" * 100, "c:===="])
async def test_forged_ids_are_answered_kindly_too(world, custom):
    person = world.person()
    await at_first_question(person)
    (message,) = answers(world, await forged(person, custom))
    assert message.content == world.client.desk.words.text("en", "discord.stranger.text")
    await person.tap(person.choices[0])
    assert not person.sees("lines.stale")


async def test_the_kind_line_leads_to_ones_own_conversation(world):
    person, other = world.person(), world.person()
    await at_first_question(person)
    await other.open()
    (message,) = answers(world, await forged(other, person._controls()[0]["custom_id"]))
    ((button,),) = [row.to_dict()["components"] for row in message.components]
    assert other.press(button["custom_id"]).key == OWN
    pressed = await other.member.click(message, custom_id=button["custom_id"])
    assert "18" in pressed.response.content
    assert pressed.ephemeral or pressed.response.ephemeral


@PLACES
async def test_an_older_button_shows_where_things_are(world, place):
    person = await at_first_question(world.person(place))
    old = person._controls()[0]["custom_id"]
    await person.tap(person.choices[0])
    text = person.last.content
    (message,) = answers(world, await forged(person, old))
    assert message.content.endswith(text)
    assert any(line in message.content for line in world.client.desk.core.library.entry("en", "lines.stale"))


@pytest.mark.parametrize("restart", [False, True])
async def test_words_for_a_question_that_has_passed_are_not_its_successors_answer(world, restart):
    person = await remembered(world.person())
    form = await person.member.click(person.last, custom_id=person._custom(TYPE))
    await person.tap(person.choices[0])
    question = person.last.content
    if restart:
        await world.restart()
    person._saw(await person.member.submit_modal(form, {"words": "1"}))
    assert person.sees("lines.stale")
    assert person.last.content.endswith(question)
    form = await person.member.click(person.last, custom_id=person._custom(TYPE))
    person._saw(await person.member.submit_modal(form, {"words": "1"}))
    assert not person.sees("lines.stale")
    assert not person.last.content.endswith(question)


async def test_a_command_in_a_form_for_a_question_that_has_passed_is_a_command(world):
    person = await at_first_question(world.person())
    form = await person.member.click(person.last, custom_id=person._custom(TYPE))
    await person.tap(person.choices[0])
    person._saw(await person.member.submit_modal(form, {"words": "/about"}))
    assert not person.sees("lines.stale")
    assert "sources" in person.keys


async def test_the_same_words_are_still_read_for_danger(world):
    person = await at_first_question(world.person())
    form = await person.member.click(person.last, custom_id=person._custom(TYPE))
    await person.tap(person.choices[0])
    person._saw(await person.member.submit_modal(form, {"words": "I want to kill myself"}))
    assert person.sees("safety.help")
