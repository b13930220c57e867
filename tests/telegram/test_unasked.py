"""What is sent to somebody who has not asked just now: at most once, after everybody else, never amid a reply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from telegram.error import NetworkError, TimedOut

from bot.content.library import Library
from bot.content.render import Bubble, Button
from bot.platforms.core import ServiceError
from bot.platforms.telegram.service import Telegram
from bot.ports import Address, GivenUp, Unreachable
from tests.leaping import leap
from tests.telegram.conftest import Logged
from tests.telegram.test_service import Feed, Stub, said, serving, until
from tests.telegram.wire import Answer, api, refused

NOTE = (Bubble(text="Today's note is here.", choices=(Button("open.739000", "Open it"), Button("stop.739000", "Stop these"))),)
TWO_HOURS = 7200.0


def caused(cause: Exception, error: NetworkError) -> NetworkError:
    """An error as python-telegram-bot raises it from its network's own."""
    error.__cause__ = cause
    return error


BUSY = refused(429, "Too Many Requests: retry after 9", retry_after=9)
DOWN = refused(502, "Bad Gateway")
CLOSED = caused(httpx.ConnectError("refused"), NetworkError("httpx.ConnectError"))
NO_PLACE = caused(httpx.PoolTimeout("full"), TimedOut("Pool timeout"))
CUT = caused(httpx.ReadError("reset"), NetworkError("httpx.ReadError"))
SILENT = caused(httpx.ReadTimeout("nothing"), TimedOut())
CROSSED = caused(httpx.RemoteProtocolError("gone"), NetworkError("httpx.RemoteProtocolError"))


def somebody(number: int = 88) -> Address:
    return Address(platform="telegram", user=str(number))


def notes(feed: Feed, number: int = 88) -> list[dict[str, Any]]:
    return [params for params in feed.sent("sendMessage") if params["chat_id"] == number]


def served(library: Library, work: Callable[[Telegram, Feed, Stub], Any], *answers: Answer) -> Feed:
    feed = Feed()
    feed.answers["sendMessage"] = list(answers)
    serving(work, library, feed)
    return feed


@pytest.mark.parametrize("fault", [BUSY, DOWN, refused(500, "Internal Server Error"), CLOSED, NO_PLACE])
def test_what_surely_did_not_arrive_is_tried_again(fault: Answer, library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        await service.deliver(somebody(), NOTE, TWO_HOURS)
        assert len(notes(feed)) == 4

    served(library, work, *[fault] * 3)


@pytest.mark.parametrize("fault", [CUT, SILENT, CROSSED, NetworkError("Unknown error in HTTP implementation")])
def test_what_may_have_arrived_is_not(fault: NetworkError, library: Library) -> None:
    if fault.__cause__ is None:
        fault.__cause__ = RuntimeError()

    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        with pytest.raises(GivenUp) as ended:
            await service.deliver(somebody(), NOTE, TWO_HOURS)
        assert ended.value.perhaps
        await asyncio.sleep(TWO_HOURS)
        assert len(notes(feed)) == 1

    served(library, work, fault)


@pytest.mark.parametrize(
    "answer", [refused(403, "Forbidden: bot was blocked by the user"), refused(400, "Bad Request: chat not found")]
)
def test_who_cannot_be_reached_is_told_of(answer: Answer, library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        with pytest.raises(Unreachable):
            await service.deliver(somebody(), NOTE, TWO_HOURS)
        assert len(notes(feed)) == 1

    served(library, work, answer)


@pytest.mark.parametrize("fault", [BUSY, DOWN, CLOSED])
def test_after_its_window_it_is_given_up(fault: Answer, library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        begun = asyncio.get_running_loop().time()
        with pytest.raises(GivenUp) as ended:
            await service.deliver(somebody(), NOTE, 600)
        assert not ended.value.perhaps
        assert 500 < asyncio.get_running_loop().time() - begun <= 600
        tried = len(notes(feed))
        assert tried > 10
        await asyncio.sleep(TWO_HOURS)
        assert len(notes(feed)) == tried

    served(library, work, *[fault] * 1000)


def test_a_window_that_is_over_sends_nothing(library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        with pytest.raises(GivenUp):
            await service.deliver(somebody(), NOTE, -1)
        assert notes(feed) == []

    served(library, work)


def test_what_telegram_does_not_take_is_given_up_at_once(library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        with pytest.raises(GivenUp) as ended:
            await service.deliver(somebody(), NOTE, TWO_HOURS)
        assert not ended.value.perhaps
        assert len(notes(feed)) == 1

    served(library, work, refused(400, "Bad Request: something new"))


def test_a_refused_token_ends_the_service(library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        with pytest.raises(GivenUp):
            await service.deliver(somebody(), NOTE, TWO_HOURS)

    with pytest.raises(ServiceError, match="TELEGRAM_BOT_TOKEN"):
        served(library, work, refused(401, "Unauthorized"))


def test_its_buttons_are_sealed_for_that_person_and_belong_to_no_turn(library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        await service.deliver(somebody(), NOTE, TWO_HOURS)
        rows = notes(feed)[0]["reply_markup"]["inline_keyboard"]
        presses = [service._chats.opens(88, button["callback_data"]) for row in rows for button in row]
        assert [(press.turn, press.key) for press in presses if press] == [(0, "open.739000"), (0, "stop.739000")]

    served(library, work)


def test_the_message_that_has_the_buttons_stays_the_one(library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        from bot.platforms.telegram.inbound import Pressed

        screens = service._courier._screens
        screens[88] = Pressed(message=5, kept=False)
        await service.deliver(somebody(), NOTE, TWO_HOURS)
        assert screens == {88: Pressed(message=5, kept=False)}
        assert "editMessageReplyMarkup" not in feed.methods()

    served(library, work)


def test_it_does_not_come_amid_a_reply(library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        feed.slow = 3.0
        service._see(said(1, chat=88), lambda: None, lambda: None)
        await asyncio.sleep(1)
        note = asyncio.create_task(service.deliver(somebody(), NOTE, TWO_HOURS))
        await asyncio.sleep(0.1)
        service._see(said(2, chat=88), lambda: None, lambda: None)
        await note
        await asyncio.sleep(10)
        assert [params["text"] for params in notes(feed)] == ["a line", "a line", NOTE[0].text]

    served(library, work)


def test_a_reply_waits_for_one_that_is_being_sent_but_not_for_one_that_is_held_up(library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        note = asyncio.create_task(service.deliver(somebody(), NOTE, TWO_HOURS))
        await asyncio.sleep(1)
        assert len(notes(feed)) == 1, "refused, and to wait for a minute"
        feed.answers.clear()
        service._courier._api._limiter._held.clear()  # type: ignore[attr-defined]
        service._see(said(1, chat=88), lambda: None, lambda: None)
        await asyncio.sleep(1)
        assert [params["text"] for params in notes(feed)][1:] == ["a line"]
        await note
        assert [params["text"] for params in notes(feed)][2:] == [NOTE[0].text]

    served(library, work, refused(429, "Too Many Requests: retry after 60", retry_after=60))


def test_a_chat_in_which_it_was_sent_is_forgotten(library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        await service.deliver(somebody(), NOTE, TWO_HOURS)
        await asyncio.sleep(0)
        assert len(service._chats) == 0

    served(library, work)


def test_nothing_leaves_before_telegram_is_served(library: Library) -> None:
    async def work() -> None:
        stub, feed = Stub(library), Feed()
        service = Telegram(stub.core, api(feed))
        note = asyncio.create_task(service.deliver(somebody(), NOTE, TWO_HOURS))
        await asyncio.sleep(100)
        assert feed.calls == []
        running = asyncio.create_task(service.run())
        await note
        assert feed.methods()[:2] == ["getMe", "deleteWebhook"]
        await service.stop()
        await running

    leap(work)


def test_the_end_waits_for_what_is_under_way(library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        feed.slow = 2.0
        noted.append(asyncio.create_task(service.deliver(somebody(), NOTE, TWO_HOURS)))
        await asyncio.sleep(0.1)

    noted: list[asyncio.Task[None]] = []
    feed = served(library, work)
    assert noted[0].done()
    assert noted[0].exception() is None
    assert len(notes(feed)) == 1


# -- together with others -----------------------------------------------------------------------------------------------


def paced(library: Library, work: Callable[[Telegram, Feed, Stub], Any]) -> None:
    """As it is really run: thirty messages a second."""

    async def both() -> None:
        stub, feed = Stub(library), Feed()
        service = Telegram(stub.core, api(feed, per_second=30))
        running = asyncio.create_task(service.run())
        await until(lambda: "getUpdates" in feed.methods())
        await work(service, feed, stub)
        await service.stop()
        await running

    leap(both)


def times(feed: Feed, text: str) -> list[float]:
    calls = zip(feed.times, feed.calls, strict=True)
    return [at for at, (method, params) in calls if method == "sendMessage" and params["text"] == text]


def most(times: list[float]) -> int:
    """The most of them in any one second."""
    return max(sum(first <= at < first + 1 - 1e-9 for at in times) for first in times)


def test_nudges_use_almost_all_of_the_rate_and_never_more(library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        await asyncio.gather(*(service.deliver(somebody(number), NOTE, TWO_HOURS) for number in range(1000, 1900)))
        sent = times(feed, NOTE[0].text)
        assert len(sent) == 900
        assert most(sent) <= 30
        assert 899 / (sent[-1] - sent[0]) >= 0.99 * 30

    paced(library, work)


def test_conversations_go_first_however_many_nudges_wait(library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        waiting = [asyncio.create_task(service.deliver(somebody(number), NOTE, TWO_HOURS)) for number in range(1000, 1300)]
        await asyncio.sleep(2)
        heard = asyncio.get_running_loop().time()
        for number in range(20):
            service._see(said(number, chat=number + 1), lambda: None, lambda: None)
        await asyncio.sleep(1)
        talk = times(feed, "a line")
        assert len(talk) == 20
        assert max(talk) - heard < 0.01, "none of them waits for a nudge"
        await asyncio.gather(*waiting)
        assert most(times(feed, NOTE[0].text) + talk) <= 50, "thirty and the burst"
        assert most(times(feed, NOTE[0].text)) <= 30

    paced(library, work)


def test_while_conversations_take_all_there_is_no_nudge_leaves(library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        for number in range(120):
            service._see(said(number, chat=number + 1), lambda: None, lambda: None)
        await asyncio.sleep(0)
        note = asyncio.create_task(service.deliver(somebody(1000), NOTE, TWO_HOURS))
        await note
        assert times(feed, NOTE[0].text)[0] > max(times(feed, "a line"))

    paced(library, work)


def test_a_429_for_a_nudge_stops_all_nudges_for_that_long_and_no_conversation(library: Library, logged: Logged) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        feed.answers["sendMessage"] = [BUSY]
        waiting = [asyncio.create_task(service.deliver(somebody(number), NOTE, TWO_HOURS)) for number in range(1000, 1010)]
        await asyncio.sleep(0.01)
        refused_at = times(feed, NOTE[0].text)[-1]
        service._see(said(1, chat=1), lambda: None, lambda: None)
        await asyncio.gather(*waiting)
        assert times(feed, "a line")[0] < refused_at + 1
        assert min(times(feed, NOTE[0].text)[1:]) >= refused_at + 9 - 0.01
        assert len(times(feed, NOTE[0].text)) == 11

    paced(library, work)
    assert "739000" not in str(logged())
