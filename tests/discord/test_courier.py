"""What becomes of answers: what Discord's errors mean, what is tried again and for how long, and what is let go."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from discord.webhook.async_ import async_context

from bot.content.render import File
from bot.platforms.discord.courier import LONGEST_ALT, Lost, Meaning, Reply, Screen, _body, attempt, meant, send, ticket
from bot.platforms.discord.inbound import How
from bot.platforms.discord.outbound import Message
from bot.ports import Unreachable
from tests.leaping import leap

A, B = Message(text="a", rows=({"type": 1, "components": []},)), Message(text="b")


def error(status: int, code: int = 0) -> discord.HTTPException:
    kind = {403: discord.Forbidden, 404: discord.NotFound}.get(status, discord.HTTPException)
    return kind(SimpleNamespace(status=status, reason=""), {"code": code, "message": "somebody's words"})  # type: ignore[arg-type]


class Wire:
    """discord.py's adapter and a channel: notes what is called, and fails as told, by the name of the call and in order."""

    def __init__(self, **errors: list[Exception]) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.hidden: list[bool] = []
        self.errors = errors
        self.took = 0.0

    async def request(self, route: Any, *_: Any, payload: Any, params: Any, **__: Any) -> None:
        assert route.webhook_token == "token"
        if route.path.endswith("/callback"):
            assert (route.method, route.webhook_id) == ("POST", 1)
            kind = {4: "respond", 5: "defer", 6: "defer", 7: "update", 9: "ask"}[payload["type"]]
            await self._call(kind, payload.get("data"))
            return
        assert route.webhook_id == 2
        original = route.path.endswith("/messages/@original")
        assert (route.method, params) == (("PATCH", None) if original else ("POST", {"wait": 1, "with_components": 1}))
        await self._call("complete" if original else "follow", payload)

    async def send(self, text: str, **_: Any) -> None:
        await self._call("send", {"content": text})

    async def _call(self, name: str, data: Any) -> None:
        data = data or {}
        self.calls.append((name, data.get("content")))
        if name in {"respond", "follow"}:
            self.hidden.append(bool(data["flags"] & 64))
        if "components" in data and name != "ask":
            assert isinstance(data["components"], list)
            assert data["allowed_mentions"] == {"parse": []}
        await asyncio.sleep(self.took)
        if self.errors.get(name):
            raise self.errors[name].pop(0)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


def told() -> Any:
    """The ticket of an interaction."""
    http = SimpleNamespace(_HTTPClient__session=None, proxy=None, proxy_auth=None)
    return ticket(http, {"id": "1", "token": "token", "application_id": "2"})


def give(wire: Wire, how: How, *shown: Message, late: bool = False, after: float = 0.0) -> bool:
    well: list[bool] = []

    async def work() -> None:
        async_context.set(wire)  # type: ignore[arg-type]
        reply = Reply(told(), how, hidden=True)
        if late:
            reply.defer()
            reply.defer()
        await asyncio.sleep(after)
        well.append(await reply.give(shown))

    leap(work)
    return well[0]


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        (error(400, 40060), Meaning.DONE),
        (error(404, 10008), Meaning.GONE),
        (error(404, 10062), Meaning.EXPIRED),
        (error(404, 10015), Meaning.EXPIRED),
        (error(401, 50027), Meaning.EXPIRED),
        (error(403, 50007), Meaning.UNREACHABLE),
        (error(403, 50013), Meaning.BARRED),
        (error(403, 50001), Meaning.BARRED),
        (error(404, 10003), Meaning.BARRED),
        (error(403), Meaning.BARRED),
        (error(400, 50035), Meaning.REFUSED),
        (error(500), Meaning.AGAIN),
        (error(503), Meaning.AGAIN),
        (error(429), Meaning.AGAIN),
        (aiohttp.ClientConnectionError(), Meaning.AGAIN),
        (ConnectionResetError(), Meaning.AGAIN),
    ],
)
def test_what_errors_mean(fault: Exception, meaning: Meaning) -> None:
    assert meant(fault) is meaning


@pytest.mark.parametrize(("how", "verb"), [(How.NEW, "respond"), (How.EDIT, "update")])
def test_one_message_is_one_call(how: How, verb: str) -> None:
    wire = Wire()
    assert give(wire, how, A)
    assert wire.calls == [(verb, "a")]


def test_a_kept_message_loses_its_buttons_first() -> None:
    wire = Wire()
    assert give(wire, How.KEPT, A, B)
    assert wire.calls == [("update", None), ("follow", "a"), ("follow", "b")]


@pytest.mark.parametrize("how", [How.NEW, How.EDIT])
def test_what_is_slow_is_deferred_once(how: How) -> None:
    wire = Wire()
    assert give(wire, how, A, B, late=True, after=60)
    assert wire.calls == [("defer", None), ("complete", "a"), ("follow", "b")]


def test_where_deferring_fails_the_answer_is_tried_all_the_same() -> None:
    wire = Wire(defer=[error(500)])
    assert give(wire, How.EDIT, A, late=True)
    assert wire.names == ["defer", "update"]
    done = Wire(defer=[error(400, 40060)])
    assert give(done, How.EDIT, A, late=True)
    assert done.names == ["defer", "complete"]


@pytest.mark.parametrize("fault", [error(500), aiohttp.ServerDisconnectedError(), TimeoutError()])
def test_what_may_pass_is_tried_again(fault: Exception) -> None:
    wire = Wire(update=[fault, fault])
    assert give(wire, How.EDIT, A)
    assert wire.names == ["update"] * 3


def test_the_first_answer_is_not_tried_when_nobody_waits_for_it_any_more() -> None:
    wire = Wire(update=[error(500)] * 100)
    wire.took = 1.0
    assert not give(wire, How.EDIT, A)
    assert 1 < len(wire.calls) <= 3
    late = Wire(update=[error(500)] * 100)
    assert not give(late, How.EDIT, A, after=10)
    assert len(late.calls) == 1


def test_what_follows_is_tried_longer() -> None:
    wire = Wire(follow=[error(500)] * 4)
    wire.took = 2.0
    assert give(wire, How.NEW, A, B)
    assert wire.names == ["respond", *["follow"] * 5]


def test_an_answer_that_arrived_after_all_is_not_given_twice() -> None:
    wire = Wire(update=[error(500), error(400, 40060)])
    assert give(wire, How.EDIT, A, B)
    assert wire.names == ["update", "update", "follow"]


@pytest.mark.parametrize(
    ("late", "names"), [(False, ["update", "respond", "follow"]), (True, ["defer", "complete", "follow", "follow"])]
)
def test_a_deleted_message_is_replaced_by_a_new_one(late: bool, names: list[str]) -> None:
    wire = Wire(update=[error(404, 10008)], complete=[error(404, 10008)])
    assert give(wire, How.EDIT, A, B, late=late)
    assert wire.names == names
    kept = Wire(update=[error(404, 10008)])
    assert give(kept, How.KEPT, A)
    assert kept.calls == [("update", None), ("respond", "a")]


@pytest.mark.parametrize("fault", [error(404, 10062), error(401, 50027), error(403, 50013), error(400, 50035)])
def test_what_will_not_pass_is_let_go_at_once_and_logged_without_a_word(fault: Exception, monkeypatch: Any) -> None:
    logged: list[Any] = []
    monkeypatch.setattr("bot.platforms.discord.courier.log", lambda *line, **values: logged.append((line, values)))
    wire = Wire(update=[fault])
    assert not give(wire, How.EDIT, A, B)
    assert wire.names == ["update"]
    assert logged == [(("warning", "reply_lost"), {"platform": "discord", "kind": meant(fault).value})]


def test_direct_messages_are_sent_in_order_and_tried_again() -> None:
    wire = Wire(send=[error(500)])
    leap(lambda: send(wire, (A, B)))  # type: ignore[arg-type]
    assert wire.calls == [("send", "a"), ("send", "a"), ("send", "b")]


def test_who_takes_none_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        leap(lambda: send(Wire(send=[error(403, 50007)]), (A,)))  # type: ignore[arg-type]
    with pytest.raises(Lost):
        leap(lambda: send(Wire(send=[error(403, 50001)]), (A,)))  # type: ignore[arg-type]


def test_attempts_end() -> None:
    tries: list[float] = []

    async def fails() -> None:
        tries.append(asyncio.get_running_loop().time())
        raise error(502)

    async def work() -> None:
        await attempt(fails, 1_000.0)

    with pytest.raises(Lost, match="again"):
        leap(work)
    assert len(tries) == 5
    assert tries[-1] < 10


def test_files_are_made_anew_for_each_attempt() -> None:
    read: list[bytes] = []
    wire = Wire()

    async def fails_once(text: str | None, **named: Any) -> None:
        (file,) = named["files"]
        read.append(file.fp.read())
        if len(read) == 1:
            raise error(500)

    wire.send = fails_once  # type: ignore[method-assign,assignment]
    leap(lambda: send(wire, (Message(text="a", files=(File("x", b"data"),)),)))  # type: ignore[arg-type]
    assert read == [b"data", b"data"]


def test_a_picture_says_what_is_on_it() -> None:
    given: list[str | None] = []
    wire = Wire()

    async def taken(text: str | None, **named: Any) -> None:
        given.extend(file.description for file in named["files"])

    wire.send = taken  # type: ignore[method-assign,assignment]
    files = (File("chart.png", b"png", alt="five bars " * 200, picture=True), File("copy.json", b"{}"))
    message = Message(text="a", files=files)
    leap(lambda: send(wire, (message,)))  # type: ignore[arg-type]
    first, second = _body(message)["attachments"]
    assert first["description"] == given[0]
    assert first["description"].startswith("five bars")
    assert len(first["description"]) <= LONGEST_ALT
    assert ("description" in second, given[1]) == (False, None)


def test_a_form_is_the_first_answer_and_tried_while_somebody_waits() -> None:
    wire = Wire(ask=[error(500)])
    leap(lambda: _asked(wire))
    assert wire.names == ["ask", "ask"]


async def _asked(wire: Wire) -> None:
    async_context.set(wire)  # type: ignore[arg-type]
    assert await Reply(told(), How.NEW, hidden=True).ask({"title": "t"})
    gone = Wire(ask=[error(404, 10062)])
    async_context.set(gone)  # type: ignore[arg-type]
    assert not await Reply(told(), How.NEW, hidden=True).ask({"title": "t"})
    assert gone.names == ["ask"]


@pytest.mark.parametrize("hidden", [True, False])
def test_new_messages_are_hidden_where_they_are_to_be(hidden: bool) -> None:
    wire = Wire()

    async def work() -> None:
        async_context.set(wire)  # type: ignore[arg-type]
        await Reply(told(), How.NEW, hidden=hidden).give((A, B))

    leap(work)
    assert wire.hidden == [hidden, hidden]


def test_a_ticket_shows_nothing() -> None:
    assert "'token'" not in repr(told())


async def test_a_screen_is_sent_as_it_is_and_kept_by_nobody() -> None:
    screen = Screen(A.rows)
    assert screen.to_components() == [{"type": 1, "components": []}]
    assert screen.is_finished()
    assert not screen.is_dispatchable()
