"""Much later, after a restart, and after faults: nothing that was committed is lost, and nobody sees a traceback."""

from __future__ import annotations

import pytest

from bot.platforms.discord.inbound import MAIL, TYPE
from tests.discord.acts import CALLBACK, result
from tests.discord.somebody import DIRECT, SERVER
from tests.person import at_first_question, remembered

PLACES = pytest.mark.parametrize("place", [SERVER, DIRECT])


# -- much later -------------------------------------------------------------------------------------------------------


@PLACES
@pytest.mark.parametrize("span", [{"minutes": 16}, {"days": 3}])
async def test_buttons_of_a_remembered_person_work_after_a_while(world, place, span):
    person = await remembered(world.person(place))
    await world.later(**span)
    key = person.choices[0]
    await person.tap(key)
    assert not person.sees("lines.stale")
    assert person.seen
    await person.tap(":back")
    assert key in person.keys


@PLACES
async def test_buttons_of_others_show_after_three_days_that_nothing_was_kept(world, place):
    person = await at_first_question(world.person(place))
    await world.later(days=3)
    await person.tap(person.choices[0])
    assert person.sees("welcome.lost.text")


@PLACES
async def test_after_a_restart_the_same_button_works(world, place):
    person = await remembered(world.person(place))
    await world.restart()
    before = person.last.id
    await person.tap(person.choices[0])
    assert not person.sees("lines.stale")
    assert person.last.id == before


async def test_after_a_restart_a_select_and_a_form_work(world):
    person = await remembered(world.person())
    while ":done" not in person.keys:
        await person.tap(":skip")
    await world.restart()
    await person.tap(person.choices[0])
    assert any(option.get("default") for option in person._controls()[0]["options"])
    form = await person.member.click(person.last, custom_id=person._custom(TYPE))
    await world.restart()
    person._saw(await person.member.submit_modal(form, {"words": "1"}))
    assert ":done" not in person.keys


async def test_discord_py_keeps_nothing_of_anybody(world):
    person = await at_first_question(world.person())
    await person.say("skip")
    state = world.client._connection
    assert not state._view_store._views
    assert not state._view_store._modals
    assert not state._view_store._synced_message_views
    assert state._messages is None


# -- faults -----------------------------------------------------------------------------------------------------------


@PLACES
async def test_a_server_error_that_passes_is_not_noticed(world, place):
    person = await at_first_question(world.person(place))
    world.env.inject_error("POST", CALLBACK, status=500)
    await person.tap(person.choices[0])
    assert person.result.acknowledged
    assert person.seen


@PLACES
@pytest.mark.parametrize("status", [500, 403])
async def test_where_an_answer_is_lost_the_next_press_shows_where_things_are(world, place, status, monkeypatch):
    monkeypatch.setattr("bot.platforms.discord.courier.WAITS", (0.0,))
    person = await at_first_question(world.person(place))
    message, key = person.last, person.choices[0]
    world.env.inject_error("POST", CALLBACK, status=status, times=2)
    await person.tap(key)
    assert not person.result.acknowledged
    person.seen = [message]
    world.env.backend.faults.clear()
    await person.tap(key)
    assert person.sees("lines.stale")
    assert key not in person.choices or person.last.content != message.content
    await person.tap(person.choices[0])
    assert not person.sees("lines.stale")


async def test_a_lost_answer_to_a_direct_message_loses_no_turn(world, monkeypatch):
    monkeypatch.setattr("bot.platforms.discord.courier.WAITS", ())
    person = await at_first_question(world.person(DIRECT))
    question = person.last.content
    world.env.inject_error("POST", "/channels/*/messages", status=500)
    await person.send_dm("skip")
    assert person.seen == []
    await person.send_dm("hmm?")
    assert question not in person.text


async def test_an_interaction_that_has_expired_is_let_go(world):
    person = await at_first_question(world.person())
    world.env.inject_error("POST", CALLBACK, status=404, code=10062)
    message = person.last
    await person.tap(person.choices[0])
    person.seen = [message]
    await person.tap(person.choices[0])
    assert person.sees("lines.stale")


async def test_a_message_that_was_deleted_is_shown_anew(world):
    person = await at_first_question(world.person())
    world.env.inject_error("POST", CALLBACK, status=404, code=10008)
    old = person.last.id
    await person.tap(person.choices[0])
    assert person.last.id != old
    assert person.last.flags.ephemeral
    assert not person.sees("lines.stale")


async def test_a_copy_comes_as_a_direct_message_only_when_asked_for(world):
    person = await result(world.person())
    person.seen = person.seen[-2:-1]
    text = person.last.content
    assert world.requests("POST", "/users/@me/channels") == []
    await person.tap_own(MAIL)
    assert person.sees("discord.mail.sent")
    assert person.last.flags.ephemeral
    (copy,) = person.user.dm_channel.history()
    assert copy.content == text
    assert not copy.components


async def test_who_takes_no_direct_messages_is_told_so_and_may_try_again(world):
    person = await result(world.person())
    message = person.seen[-2]
    for method, path in (("POST", "/users/@me/channels"), ("POST", "/channels/*/messages")):
        person.seen = [message]
        world.env.inject_error(method, path, status=403, code=50007)
        await person.tap_own(MAIL)
        assert person.sees("discord.mail.failed")
        assert person.last.flags.ephemeral
        person.seen = [message]
        await person.tap_own(MAIL)
        assert person.sees("discord.mail.sent")


async def test_a_copy_that_cannot_be_sent_because_the_network_fails_is_said_to_have_failed(world, monkeypatch):
    person = await result(world.person())
    person.seen = person.seen[-2:-1]

    async def fails(_: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(world.client, "create_dm", fails)
    await person.tap_own(MAIL)
    assert person.sees("discord.mail.failed")
    assert person.last.flags.ephemeral
