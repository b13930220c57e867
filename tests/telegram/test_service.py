"""The service as a whole on a scripted network: beginning, fetching, webhook, faults, end. On a loop that never waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.content.library import Library
from bot.platforms.core import ServiceError
from bot.platforms.telegram import menu
from bot.platforms.telegram.service import Telegram, parsed
from tests.leaping import leap
from tests.telegram.conftest import Logged
from tests.telegram.wire import DROPPED, Answer, Wire, api, refused


class Stub:
    """A core whose turns say one line each."""

    def __init__(self, library: Library) -> None:
        from bot.content.render import Bubble
        from bot.platforms.core import Core

        self.heard: list[str] = []

        async def turn(address: Any, event: Any) -> Any:
            self.heard.append(event.id)
            return (Bubble(text="a line"),)

        self.core = Core(turn=turn, store=self, library=library, commands=("start", "why"))  # type: ignore[arg-type]

    def secret(self, purpose: str) -> bytes:
        return purpose.encode().rjust(32, b"0")

    def person(self, address: Any) -> bytes:
        return bytes(16)

    async def owed(self, platform: str) -> tuple[()]:
        return ()

    async def owe(self, person: bytes, reply: bytes) -> None:
        return None


class Feed(Wire):
    """A network that has updates, and forgets them as Telegram does: only below the offset that is asked for."""

    def __init__(self, number: int = 0) -> None:
        super().__init__()
        self.pending = [said(n) for n in range(1, number + 1)]
        self.offsets: list[int | None] = []

    async def do_request(self, url: str, method: str, request_data: Any = None, *_args: Any, **_named: Any) -> Any:
        if url.endswith("getUpdates") and not self.pending:
            await asyncio.sleep(request_data.parameters["timeout"])
        return await super().do_request(url, method, request_data)

    def _result(self, called: str, sent: dict[str, Any]) -> Any:
        if called != "getUpdates":
            return super()._result(called, sent)
        offset = sent.get("offset")
        self.offsets.append(offset)
        self.pending = [update for update in self.pending if update["update_id"] >= (offset or 0)]
        return self.pending[:100]


def said(number: int, chat: int = 77) -> dict[str, Any]:
    where, who = {"id": chat, "type": "private"}, {"id": chat, "is_bot": False, "first_name": "Somebody"}
    return {"update_id": number, "message": {"message_id": number, "date": 1, "chat": where, "from": who, "text": "hello"}}


def serving(work: Callable[[Telegram, Feed, Stub], Any], library: Library, feed: Feed, **options: Any) -> None:
    """Run the service beside `work`, and stop it afterwards."""

    async def both() -> None:
        stub = Stub(library)
        service = Telegram(stub.core, api(feed), **options)
        running = asyncio.create_task(service.run())
        try:
            await work(service, feed, stub)
        finally:
            await service.stop()
            await running
        assert feed.closed

    leap(both)


async def until(ready: Callable[[], bool]) -> None:
    for _ in range(10_000):
        if ready():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


def test_it_begins_by_fetching_and_drops_nothing(library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        await until(lambda: len(stub.heard) == 3)
        methods = feed.methods()
        assert methods[:2] == ["getMe", "deleteWebhook"]
        assert feed.sent("deleteWebhook") == [{"drop_pending_updates": False}]
        assert feed.offsets[0] is None
        assert feed.sent("getUpdates")[0]["allowed_updates"] == [
            "message",
            "edited_message",
            "callback_query",
            "my_chat_member",
        ]

    serving(work, library, Feed(3))


def test_what_is_answered_is_acknowledged_at_the_end(library: Library) -> None:
    feed = Feed(3)

    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        await until(lambda: len(stub.heard) == 3)

    serving(work, library, feed)
    assert feed.offsets[-1] == 4
    assert feed.pending == []


def test_while_something_is_under_way_it_is_not_asked_again_and_again(library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        feed.answers["sendMessage"] = [refused(429, "Too Many Requests", retry_after=20)]
        await asyncio.sleep(15)
        assert set(feed.offsets) <= {None, 1}, "nothing is acknowledged"
        assert len(feed.offsets) <= 32
        assert stub.heard == ["1"], "and nothing is done twice"
        await asyncio.sleep(10)
        assert feed.offsets[-1] == 2

    serving(work, library, Feed(1))


@pytest.mark.parametrize("fault", [DROPPED, refused(502, "Bad Gateway"), refused(429, "Too Many Requests", retry_after=3)])
def test_faults_of_the_network_pass(fault: Answer, library: Library) -> None:
    feed = Feed(1)
    feed.answers = {"getMe": [fault], "deleteWebhook": [fault], "getUpdates": [fault, fault]}

    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        await until(lambda: len(stub.heard) == 1)

    serving(work, library, feed)


def test_a_second_program_is_told_of(library: Library, logged: Logged) -> None:
    feed = Feed(1)
    feed.answers["getUpdates"] = [refused(409, "Conflict: terminated by other getUpdates request")]

    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        await until(lambda: len(stub.heard) == 1)

    serving(work, library, feed)
    told = [line["remedy"] for line in logged() if line["event"] == "second_instance"]
    assert len(told) == 1
    assert "stop the other one" in told[0]


@pytest.mark.parametrize("method", ["getMe", "getUpdates"])
def test_a_refused_token_ends_it(method: str, library: Library) -> None:
    feed = Feed(1)
    feed.answers[method] = [refused(401, "Unauthorized")] * 5

    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        await asyncio.sleep(1)

    with pytest.raises(ServiceError, match="set TELEGRAM_BOT_TOKEN") as refusal:
        serving(work, library, feed)
    assert "a" * 35 not in str(refusal.value)


def test_a_turn_under_way_is_finished_at_the_end(library: Library) -> None:
    feed = Feed(1)
    feed.slow = 0.5

    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        await until(lambda: len(stub.heard) == 1)

    serving(work, library, feed)
    assert feed.sent("sendMessage")
    assert feed.pending == []


def test_an_update_that_cannot_be_read_is_let_go(library: Library, logged: Logged) -> None:
    feed = Feed()
    feed.pending = [{"update_id": 1, "message": {"chat": "secret"}}, {"update_id": 2}, said(3)]

    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        await until(lambda: stub.heard == ["3"])

    serving(work, library, feed)
    assert feed.pending == []
    told = logged()
    assert "update_unreadable" in [line["event"] for line in told]
    assert "secret" not in str(told)


def test_a_press_in_a_group_is_nodded_at(library: Library) -> None:
    feed = Feed()
    group = {"message_id": 3, "date": 1, "chat": {"id": -1, "type": "group"}}
    who = {"id": 77, "is_bot": False, "first_name": "Somebody"}
    feed.pending = [{"update_id": 1, "callback_query": {"id": "q", "from": who, "message": group, "data": "x"}}]

    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        await until(lambda: "answerCallbackQuery" in feed.methods())

    serving(work, library, feed)


def test_a_command_in_a_group_gets_the_way_to_the_private_chat(library: Library) -> None:
    feed = Feed()
    update = said(1)
    update["message"] |= {"chat": {"id": -1, "type": "group"}, "text": "/why@closerbot"}
    feed.pending = [update]

    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        await until(lambda: bool(feed.sent("sendMessage")))
        sent = feed.sent("sendMessage")[0]
        button = sent["reply_markup"]["inline_keyboard"][0][0]
        assert button["url"] == "https://t.me/CloserBot?start=why"
        assert stub.heard == []

    serving(work, library, feed)


# -- the menu -----------------------------------------------------------------------------------------------------------


def test_the_menu_is_set_once(library: Library) -> None:
    async def work() -> None:
        wire = Wire()
        assert await menu.sync(api(wire), library, ("start", "why")) == 3
        present: dict[str, Any] = {}
        for method, params in wire.calls:
            if method.startswith("setMy"):
                values = {name: value for name, value in params.items() if name != "language_code"}
                present["get" + method[3:]] = values.get("commands", values)
        for method, value in present.items():
            wire.answers[method] = [(200, {"ok": True, "result": value})]
        wire.calls.clear()
        assert await menu.sync(api(wire), library, ("start", "why")) == 0
        assert not any(method.startswith("set") for method in wire.methods())

    leap(work)


# -- the webhook --------------------------------------------------------------------------------------------------------

HOOK = {"hook": "https://bot.example.org/a/path", "secret": "s3cret"}


def test_a_webhook_is_set_and_answered_once_the_update_is_settled(library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        await until(lambda: bool(feed.sent("setWebhook")))
        assert feed.sent("setWebhook")[0]["url"] == HOOK["hook"]
        assert feed.sent("setWebhook")[0]["secret_token"] == HOOK["secret"]
        assert [(route.method, route.path) for route in service.routes()] == [("POST", "/a/path")]
        feed.slow = 1
        begun = asyncio.get_running_loop().time()
        assert await service.handed(said(1))
        assert asyncio.get_running_loop().time() - begun >= 1
        assert stub.heard == ["1"]
        assert "getUpdates" not in feed.methods()

    serving(work, library, Feed(), **HOOK)


@pytest.mark.parametrize("given", [None, "", "S3cret", "s3cret ", "ü"])
def test_without_the_secret_nothing_is_heard(given: str | None, library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        headers = {} if given is None else {"X-Telegram-Bot-Api-Secret-Token": given}
        response = await service.routes()[0].handler(make_mocked_request("POST", "/a/path", headers=headers))
        assert response.status == 403
        assert stub.heard == []

    serving(work, library, Feed(), **HOOK)


def test_after_the_end_an_update_is_to_be_brought_again(library: Library) -> None:
    async def work(service: Telegram, feed: Feed, stub: Stub) -> None:
        await service.stop()
        assert not await service.handed(said(1))

    serving(work, library, Feed(), **HOOK)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"update_id": "1"}', b"\xff"])
def test_what_is_no_update_is_none(body: bytes) -> None:
    assert parsed(body) is None


def test_an_update_is_parsed() -> None:
    assert parsed(b'{"update_id": 1}') == {"update_id": 1}
