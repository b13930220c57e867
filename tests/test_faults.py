"""What goes wrong around a running Closer: a platform that is away for an hour, no name service, ten thousand people waiting,
clocks that jump. Nothing that was acknowledged is lost, and it recovers by itself.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.content.library import Library, load
from bot.content.loader import ROOT
from bot.packing import decode
from bot.platforms.telegram.service import Telegram
from tests.botapi.server import bot_api
from tests.botapi.someone import Someone
from tests.discord.gateway import FakeDiscord
from tests.discord.test_process import OnDiscord
from tests.person import Person, at_first_question, remembered
from tests.stores.test_store_opening import for_all_writers
from tests.telegram.test_process import OnTelegram
from tests.telegram.test_service import Feed, Stub, said, serving
from tests.telegram.wire import DROPPED, Answer, refused

HOUR = 3600.0
WAITING, PEOPLE = 10_000, 500
NOWHERE = "nobody.invalid"  # RFC 6761: no name service knows it


@pytest.fixture(scope="module")
def library() -> Library:
    return load(ROOT)


async def until(ready: Callable[[], bool], step: float = 1.0) -> None:
    """On a loop whose time leaps: look again and again."""
    for _ in range(WAITING):
        if ready():
            return
        await asyncio.sleep(step)
    raise AssertionError("it never came")


# -- platforms ---------------------------------------------------------------------------------------------------------


def test_ten_thousand_that_waited_are_each_answered_once(library: Library) -> None:
    feed, heard = Feed(), Counter[str]()
    feed.pending = [said(number, chat=1_000 + number % PEOPLE) for number in range(1, WAITING + 1)]

    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        await until(lambda: len(stub.heard) >= WAITING and not feed.pending)
        heard.update(stub.heard)

    serving(work, library, feed)
    assert len(heard) == WAITING
    assert set(heard.values()) == {1}
    assert Counter(call["chat_id"] for call in feed.sent("sendMessage")) == {
        1_000 + n: WAITING // PEOPLE for n in range(PEOPLE)
    }


@pytest.mark.parametrize("fault", [DROPPED, refused(502, "Bad Gateway")], ids=["cut off", "bad gateway"])
def test_an_hour_without_telegram_passes_without_haste_and_what_waited_is_answered(fault: Answer, library: Library) -> None:
    feed = Feed(3)
    away = Away(fault)
    feed.answers["getUpdates"] = away

    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        await asyncio.sleep(HOUR)
        asked, away.over = away.asked, True
        assert stub.heard == []
        # Every quarter of a minute or so: often enough to come back soon, and no burden on whoever comes back.
        assert HOUR / 60 <= asked <= HOUR / 10
        await asyncio.sleep(30)
        assert stub.heard == ["1", "2", "3"]

    serving(work, library, feed)


class Away(list[Any]):
    """Every call fails in the same way, until it is over."""

    def __init__(self, fault: Answer) -> None:
        super().__init__([fault])
        self.fault, self.asked, self.over = fault, 0, False

    def pop(self, _: Any = -1) -> Any:
        self.asked += 1
        return self.fault

    def __len__(self) -> int:
        return 0 if self.over else 1


async def test_without_a_name_service_it_keeps_trying_and_ends_when_asked(tmp_path: Path) -> None:
    program = OnTelegram(tmp_path, f"http://{NOWHERE}")
    await program.start()
    await heard(program, b"telegram_unavailable")
    assert await program.end() == 0
    assert b"Traceback" not in program.heard


async def test_without_a_name_service_discord_is_tried_again_too(tmp_path: Path) -> None:
    program = OnDiscord(tmp_path, FakeDiscord(base=f"http://{NOWHERE}/api", address=f"ws://{NOWHERE}/gateway"))
    await program.start()
    await heard(program, b"discord_unavailable")
    assert await program.end() == 0
    assert b"Traceback" not in program.heard


async def test_a_platform_that_is_not_there_holds_up_no_other(tmp_path: Path) -> None:
    async with bot_api() as api:
        nowhere = FakeDiscord(base=f"http://{NOWHERE}/api", address=f"ws://{NOWHERE}/gateway")
        telegram = OnTelegram(tmp_path, api.base).environment
        program = OnDiscord(tmp_path, nowhere, **{k: v for k, v in telegram.items() if k.startswith("TELEGRAM")})
        await program.start()
        await heard(program, b"discord_unavailable")
        await Someone(api).say("/start")
        assert await program.end() == 0
    assert b"Traceback" not in program.heard


async def heard(program: OnTelegram | OnDiscord, words: bytes) -> None:
    """Read its log up to a line with these words."""
    async with asyncio.timeout(program.patience):
        while words not in (line := await program.process.stdout.readline()):
            assert line, "it ended before it said so"
            program.heard += line


# -- clocks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(hours=-3), timedelta(hours=30), timedelta(days=200)])
async def test_a_clock_that_jumps_loses_no_answer_of_somebody_who_is_remembered(runtime, clock, jump) -> None:
    person = await remembered(Person(runtime))
    clock.now += jump
    await person.say("this week")
    assert person.sees("intimacy.questions.tell.text")
    clock.now -= jump
    await person.call("why")
    record = await runtime.store.load(runtime.store.person(person.address))
    assert decode(record.session).frames["why"].answers["hug"] == "week"


async def test_a_clock_set_back_keeps_the_talk_of_somebody_who_is_not(runtime, clock) -> None:
    person = await at_first_question(Person(runtime))
    clock.now -= timedelta(days=3)
    await person.say("new here")
    assert person.sees("intimacy.questions.hug.text")
    await person.say("this week")
    assert person.sees("intimacy.questions.tell.text")


async def test_a_clock_far_ahead_forgets_who_is_not_remembered_and_says_so(runtime, clock) -> None:
    person = await at_first_question(Person(runtime))
    clock.now += timedelta(days=3)
    await person.say("new here")
    assert person.sees("welcome.lost.text")


# -- disks -------------------------------------------------------------------------------------------------------------


async def test_a_full_disk_is_told_loses_nothing_and_passes(runtime) -> None:
    person = await remembered(Person(runtime))
    await person.say("this week")
    while not person.last.writes:
        await person.tap(":skip")
    (pages,) = (await runtime.store._database.hop("PRAGMA page_count"))[0]
    await for_all_writers(runtime.store, f"PRAGMA max_page_count={pages}")
    words = " ".join(f"word{number}" for number in range(500))
    # It takes more pages than there are, and nothing of it is counted.
    await person.say(words)
    assert person.sees("lines.trouble")
    await person.say("i want to die")
    assert person.sees("safety.help"), "help needs no disk"
    await for_all_writers(runtime.store, "PRAGMA max_page_count=100000")
    await person.open()
    await person.tap("on")
    await person.say(words)
    record = await runtime.store.load(runtime.store.person(person.address))
    answers = decode(record.session).frames["why"].answers
    assert (answers["hug"], answers["own"]) == ("week", words)
