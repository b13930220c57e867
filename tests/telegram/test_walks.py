"""Whole walks in Telegram, and what goes wrong on the way: the real service over HTTP, seen from the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.platforms.web import Web
from bot.settings import Settings
from tests.botapi.server import BotApi, Fault, Refusal, bot_api
from tests.botapi.someone import Someone
from tests.conftest import Clock
from tests.disk import rows
from tests.person import at_first_question, remembered
from tests.telegram.desk import Desk, Reader, desk


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as server:
        yield server


@pytest.fixture
async def program(api: BotApi, settings: Settings, clock: Clock) -> AsyncIterator[Desk]:
    async with desk(api, settings, clock) as made:
        yield made


def first_way(person: Reader) -> str:
    """What somebody presses who takes the first choice, skips words, and ticks one box before sending them off."""
    if person.last.writes:
        return ":skip"
    if person.last.several:
        return ":done" if any(choice.picked for choice in person.last.choices) else person.last.choices[0].key
    return person.last.choices[0].key


async def at_the_result(person: Reader, *, typed: bool = False) -> int:
    """From the first message to the result; how many acts that took."""
    await person.call("start")
    acts = 1
    while not person.sees("why.result.text") and acts < 60:
        key = first_way(person)
        if typed and key.startswith(":"):
            await person.say(next(b.label for b in person.buttons if b.key == key))
        elif typed and person.last.several:
            await person.say("1")
        elif typed:
            await (person.number(key) if acts % 2 else person.type(key))
        else:
            await person.tap(key)
        acts += 1
    assert acts < 60
    return acts


async def test_a_walk_by_taps_alone_is_one_message_that_changes(api: BotApi, program: Desk) -> None:
    person = Reader(program)
    await person.call("start")
    walk = person.someone.screen.number
    for key in ("adult", "full"):
        await person.tap(key)
    mark = len(api.calls)
    for _ in range(5):
        await person.tap(person.last.choices[0].key)
    assert person.someone.screen.number == walk
    assert len(api.shown(77)) == 1
    calls = [method for _, method, _ in api.calls[mark:] if method != "getUpdates"]
    assert sorted(calls) == sorted(["answerCallbackQuery", "editMessageText"] * 5), "two calls a tap"


async def test_the_result_is_a_message_of_its_own_and_stays(api: BotApi, program: Desk) -> None:
    person = Reader(program)
    await at_the_result(person)
    kept = {message.number: message.text for message in api.shown(77)}
    await person.call("needs")
    await person.tap(person.last.choices[0].key)
    for number, text in kept.items():
        if number != person.someone.screen.number:
            assert next(m.text for m in api.shown(77) if m.number == number) == text
    assert len([m for m in api.shown(77) if m.markup]) == 1, "old buttons are taken away"


async def test_a_walk_by_typing_alone(api: BotApi, program: Desk) -> None:
    person = Reader(program)
    await at_the_result(person, typed=True)
    assert api.count("answerCallbackQuery", "editMessageText") == 0
    assert len([m for m in api.shown(77) if m.markup]) == 1


async def test_two_people_at_once_do_not_meet(api: BotApi, program: Desk) -> None:
    one, other = Reader(program, 77), Reader(program, 78)
    await asyncio.gather(at_the_result(one), at_the_result(other, typed=True))
    assert one.sees("why.result.text")
    assert other.sees("why.result.text")


async def test_a_button_of_somebody_else_or_of_nobody_changes_nothing(api: BotApi, program: Desk) -> None:
    mine, theirs = Reader(program, 77), Reader(program, 78)
    for person in (mine, theirs):
        await person.call("start")
        await person.tap("adult")
        await person.tap("full")
    before = mine.last.text
    for data in (theirs.someone.screen.buttons[theirs.last.choices[0].label], "forged", "x" * 64, "é"):
        number = await api.push(mine.someone.press(data))
        await api.until(lambda number=number: api.polls[-1][1] > number and not api.open_queries)  # type: ignore[misc]
        assert before.split("\n\n")[-1] in mine.someone.screen.text.replace("’", "'") or mine.sees("lines.stale")
        assert mine.desk.bubbles["77"][-1].turn == mine.last.turn


async def test_a_double_tap_counts_once(api: BotApi, program: Desk) -> None:
    person = Reader(program)
    await at_first_question(person)
    data = next(iter(person.someone.screen.buttons.values()))
    updates = [person.someone.press(data) for _ in range(2)]
    numbers = [await api.push(update) for update in updates]
    await api.until(lambda: api.polls[-1][1] > numbers[-1] and not api.open_queries)
    assert program.bubbles["77"][-1].turn == person.last.turn + 1


async def test_a_redelivered_update_is_answered_again_and_counts_once(api: BotApi, program: Desk) -> None:
    person = Reader(program)
    await at_first_question(person)
    update = person.someone.press(next(iter(person.someone.screen.buttons.values())))
    for _ in range(2):
        api.open_queries.add(update["callback_query"]["id"])
        number = await api.push(update)
        await api.until(lambda number=number: api.polls[-1][1] > number and not api.open_queries)  # type: ignore[misc]
    assert program.bubbles["77"][-1].turn == person.last.turn + 1


async def test_after_a_restart_an_old_button_is_answered_with_the_truth(api: BotApi, program: Desk) -> None:
    person = Reader(program)
    await person.call("start")
    await person.tap("adult")
    await program.stop()
    await program.start()
    await person.tap(person.last.choices[0].key)
    assert person.sees("welcome.lost.text")


async def test_kept_answers_survive_a_restart_and_the_button_goes_on(api: BotApi, program: Desk, settings: Settings) -> None:
    person = Reader(program)
    await remembered(person)
    turn = person.last.turn
    await program.stop()
    await program.start()
    await person.tap(person.last.choices[0].key)
    assert person.last.turn == turn + 1
    assert not person.sees("lines.stale")


async def test_files_are_documents(api: BotApi, program: Desk) -> None:
    person = Reader(program)
    await person.call("start")
    await person.call("export")
    names = [message.file for message in api.shown(77) if message.file]
    assert [name.rsplit(".", 1)[1] for name in names if name] == ["json", "csv"]
    assert all(message.data for message in api.shown(77) if message.file)


async def test_privacy_is_answered_before_anything_else(program: Desk) -> None:
    person = Reader(program)
    await person.call("privacy")
    assert person.seen


async def test_a_deep_link_leads_there(program: Desk) -> None:
    person = Reader(program)
    await person.call("start")
    await person.tap("adult")
    await person.call("start needs")
    assert person.sees("needs.menu.text")


@pytest.mark.parametrize(
    "content",
    [
        {"sticker": {}},
        {"voice": {}},
        {"photo": []},
        {"contact": {}},
        {"location": {}},
        {"poll": {}},
        {"document": {}},
        {"dice": {}},
    ],
)
async def test_what_is_no_words_gets_a_kind_line(content: dict[str, Any], api: BotApi, program: Desk) -> None:
    person = Reader(program)
    await person.call("start")
    said = await person.someone.does(person.someone.message(**content))
    assert said


async def test_an_edit_gets_a_kind_line_and_is_checked_for_danger(api: BotApi, program: Desk) -> None:
    person = Reader(program)
    await person.call("start")
    await person.tap("adult")
    said = await person.someone.does({"edited_message": person.someone.message(text="hello there")["message"]})
    assert any(part in said for part in ("once", "anew", "edits"))
    said = await person.someone.does({"edited_message": person.someone.message(text="i want to kill myself")["message"]})
    assert "findahelpline.com" in said


async def test_a_group_sees_nothing_personal(api: BotApi, program: Desk) -> None:
    someone = Someone(api)
    update = someone.message(text="/why")
    update["message"]["chat"] = {"id": -5, "type": "supergroup", "title": "A group"}
    await api.push(update)
    await api.until(lambda: api.shown(-5))
    assert len(api.shown(-5)) == 1
    assert program.bubbles == {}


# -- faults -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault(method="sendMessage", refusal=Refusal(429, "Too Many Requests: retry after 1", retry_after=1)),
        Fault(method="sendMessage", refusal=Refusal(500, "Internal Server Error"), times=2),
        Fault(method="sendMessage", drop="before"),
        Fault(method="getUpdates", drop="before"),
        Fault(method="getUpdates", drop="after"),
        Fault(method="getUpdates", refusal=Refusal(502, "Bad Gateway")),
        Fault(method="getUpdates", refusal=Refusal(409, "Conflict: terminated by other getUpdates request")),
    ],
)
async def test_every_fault_that_passes_is_outlived(fault: Fault, api: BotApi, program: Desk) -> None:
    api.faults = [Fault(**vars(fault))]
    person = Reader(program)
    await person.call("start")
    assert person.sees("welcome.hello.text")
    assert len(api.shown(77)) == 1


async def test_a_connection_that_breaks_after_the_effect_sends_it_twice_at_most(api: BotApi, program: Desk) -> None:
    api.faults = [Fault(method="sendMessage", drop="after")]
    person = Reader(program)
    await person.call("start")
    assert 1 <= len(api.shown(77)) <= 2


async def test_one_chat_in_trouble_holds_up_nobody(api: BotApi, program: Desk) -> None:
    slow, quick = Reader(program, 77), Reader(program, 78)
    gate = asyncio.Event()
    api.faults = [Fault(method="sendMessage", chat=77, gate=gate)]
    await api.push(slow.someone.message(text="/start"))
    await api.until(lambda: api.count("sendMessage") == 1)
    await api.push(quick.someone.message(text="/start"))
    await api.until(lambda: api.shown(78))
    assert not api.shown(77)
    gate.set()
    await api.until(lambda: api.shown(77))


async def test_who_blocks_the_bot_is_forgotten_by_nobody(api: BotApi, program: Desk) -> None:
    person = Reader(program)
    api.blocked.add(77)
    number = await api.push(person.someone.message(text="/start"))
    await api.until(lambda: api.polls[-1][1] and api.polls[-1][1] > number)
    api.blocked.clear()
    await person.call("start")
    assert person.sees("welcome.hello.text")


async def test_a_reply_that_is_owed_comes_after_the_restart(api: BotApi, program: Desk, settings: Settings) -> None:
    person = Reader(program)
    await remembered(person)
    gate = asyncio.Event()
    api.faults = [Fault(method="sendMessage", chat=77, gate=gate, times=100)]
    number = await api.push(person.someone.message(text="1"))
    await api.until(lambda: api.polls[-1][1] > number)
    assert rows(settings, ("owed",))["owed"] == 1, "acknowledged, as it is recorded"
    before = len(api.shown(77))
    program.service._chats._chats[77].tail.cancel()  # type: ignore[union-attr]  # as if the program were gone
    await program.stop()
    api.faults = []
    gate.set()
    await program.start()
    await api.until(lambda: len(api.shown(77)) > before)
    await program.stop()  # which waits for what is under way
    assert rows(settings, ("owed",))["owed"] == 0, "paid"
    await program.start()


async def test_a_webhook_serves_the_same(api: BotApi, settings: Settings, clock: Clock, unused_tcp_port: int) -> None:
    hook = f"http://127.0.0.1:{unused_tcp_port}/telegram"
    hooked = settings.model_copy(update={"telegram_webhook_url": hook})
    made = Desk(api, hooked, clock)
    await made.start()
    web = Web("127.0.0.1", unused_tcp_port, made.service.routes())
    await web.start()
    try:
        await api.push(Someone(api).message(text="/start"))
        await api.until(lambda: api.shown(77))
        assert api.polls == []
    finally:
        await made.stop()
        await web.stop()


async def test_a_button_that_leads_where_one_is_says_so(api: BotApi, program: Desk) -> None:
    person = Reader(program)
    await person.call("help")
    for _ in range(3):
        await person.tap(":help")
        assert person.sees("lines.here")
