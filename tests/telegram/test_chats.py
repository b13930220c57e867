"""From an act to its delivered reply: what is settled when, in which order, and what becomes of the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.content.library import Library
from bot.content.render import Bubble, Button
from bot.conversation.events import Event, Typed
from bot.platforms import parcel
from bot.platforms.core import Core, ServiceError
from bot.platforms.telegram.chats import LONG_PATIENCE, PATIENCE, PROMPT, Chats, address
from bot.platforms.telegram.courier import Courier
from bot.platforms.telegram.inbound import Act
from bot.platforms.token import Tokens
from bot.ports import Address, Owed, StoreError
from tests.leaping import leap
from tests.telegram.conftest import Logged
from tests.telegram.wire import DROPPED, Wire, api, refused


@dataclass
class Notes:
    """The part of a store that deliveries need; `keeps` where these people asked to be remembered."""

    keeps: bool = True
    fails: bool = False
    owed_now: dict[bytes, bytes] = field(default_factory=dict)
    paid: list[bytes] = field(default_factory=list)

    def person(self, address: Address) -> bytes:
        return address.user.encode().rjust(16, b"0")

    async def owe(self, person: bytes, reply: bytes) -> bytes | None:
        if self.fails:
            raise StoreError("the disk is full: make room")
        if not self.keeps:
            return None
        note = bytes([len(self.owed_now)])
        self.owed_now[note] = reply
        return note

    async def settle(self, person: bytes, id: bytes) -> None:  # noqa: A002  # as the port has it
        self.paid.append(id)


class Scene:
    """Chats with a turn of the test's own, in front of a scripted network."""

    def __init__(self, library: Library, **notes: bool) -> None:
        self.wire, self.notes = Wire(), Notes(**notes)
        self.turns: list[str] = []
        self.log: list[str] = []
        self.slow = 0.0
        self.fault: Exception | None = None
        self.fatal: list[ServiceError] = []
        core = Core(turn=self._turn, store=self.notes, library=library, commands=("why",))  # type: ignore[arg-type]
        self.courier = Courier(api(self.wire))
        self.chats = Chats(core, self.courier, Tokens(b"k" * 32), self.fatal.append)
        self._number = 0

    def act(self, chat: int, text: str, query: str | None = None) -> None:
        self._number += 1
        event = Typed(id=str(self._number), text=text)
        self.chats.take(
            Act(update=self._number, chat=chat, event=event, query=query),
            lambda: self.log.append(f"settled {text} at {self._now():g}"),
            lambda: self.log.append(f"late {text} at {self._now():g}"),
        )

    def shown(self) -> list[str]:
        return [params["text"] for method, params in self.wire.calls if method == "sendMessage"]

    async def end(self) -> None:
        await self.chats.finish(100_000)
        assert len(self.chats) == 0

    async def _turn(self, address: Address, event: Event) -> Sequence[Bubble]:
        assert isinstance(event, Typed)
        await asyncio.sleep(self.slow)
        self.turns.append(event.text)
        if self.fault:
            raise self.fault
        return (Bubble(text=f"re {event.text}", nav=(Button(":sos", "Help"),), turn=1),)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def test_an_act_is_settled_once_its_reply_is_through(library: Library) -> None:
    async def work() -> None:
        scene = Scene(library)
        scene.wire.slow = 1.5
        scene.act(1, "a")
        await scene.end()
        assert scene.log == ["settled a at 1.5"]
        assert scene.notes.owed_now == {}

    leap(work)


def test_what_is_not_through_in_two_seconds_is_owed_and_paid_later(library: Library) -> None:
    async def work() -> None:
        scene = Scene(library)
        scene.wire.answers["sendMessage"] = [DROPPED] * 20
        scene.act(1, "a")
        await scene.end()
        assert scene.log == [f"late a at {PROMPT:g}", f"settled a at {PROMPT:g}"]
        assert [b.text for b in parcel.unpack(scene.notes.owed_now[b"\0"])] == ["re a"]
        assert scene.notes.paid == [b"\0"]
        assert scene.shown()[-1] == "re a"

    leap(work)


def test_who_is_not_remembered_is_waited_for(library: Library) -> None:
    async def work() -> None:
        scene = Scene(library, keeps=False)
        scene.wire.slow = 30
        scene.act(1, "a")
        await scene.end()
        assert scene.log == [f"late a at {PROMPT:g}", "settled a at 30"]

    leap(work)


def test_giving_up_settles_too(library: Library) -> None:
    async def work() -> None:
        scene = Scene(library, keeps=False)
        scene.wire.answers["sendMessage"] = [DROPPED] * 100
        scene.act(1, "a")
        await scene.end()
        assert scene.log[0] == f"late a at {PROMPT:g}"
        assert scene.log[1].startswith("settled a at ")
        assert PATIENCE / 3 < float(scene.log[1].split()[-1]) <= PATIENCE

    leap(work)


def test_an_owed_reply_is_tried_for_a_day(library: Library) -> None:
    async def work() -> None:
        scene = Scene(library)
        scene.wire.answers["sendMessage"] = [DROPPED] * 100_000
        scene.act(1, "a")
        await scene.end()
        assert LONG_PATIENCE * 0.9 < scene.wire.times[-1] < LONG_PATIENCE * 1.1
        assert scene.notes.paid == [b"\0"], "given up"

    leap(work)


def test_a_store_that_cannot_note_it_does_not_lose_it(library: Library) -> None:
    async def work() -> None:
        scene = Scene(library, fails=True)
        scene.wire.slow = 10
        scene.act(1, "a")
        await scene.end()
        assert scene.log == [f"late a at {PROMPT:g}", "settled a at 10"]

    leap(work)


def test_order_holds_within_a_chat_and_nobody_waits_for_another(library: Library) -> None:
    async def work() -> None:
        scene = Scene(library)
        scene.wire.answers["sendMessage"] = [refused(429, "Too Many Requests", retry_after=20)]
        for text in ("a", "b", "c"):
            scene.act(1, text)
        await asyncio.sleep(0.1)
        scene.act(2, "other")
        await scene.end()
        assert [text for text in scene.turns if text != "other"] == ["a", "b", "c"]
        assert [text for text in scene.shown() if text != "re other"] == ["re a", "re a", "re b", "re c"]
        assert "settled other at 0.1" in scene.log
        # The turns do not wait for the reply that cannot leave yet.
        assert scene.log.index("settled c at 6") > 0

    leap(work)


def test_a_press_is_nodded_at_before_its_turn_is_done(library: Library) -> None:
    async def work() -> None:
        scene = Scene(library)
        scene.slow = 0.5
        scene.wire.answers["answerCallbackQuery"] = [refused(400, "Bad Request: query is too old and response timeout expired")]
        scene.act(1, "a", query="q")
        await scene.end()
        assert scene.wire.methods() == ["answerCallbackQuery", "sendMessage"]
        assert scene.wire.times == [0, 0.5]

    leap(work)


def test_long_work_shows_typing(library: Library) -> None:
    async def work() -> None:
        scene = Scene(library)
        scene.slow = 3
        scene.act(1, "a")
        await scene.end()
        assert scene.wire.methods() == ["sendChatAction", "sendMessage"]

    leap(work)


def test_a_turn_that_fails_is_answered_and_settled(library: Library, logged: Logged) -> None:
    async def work() -> None:
        scene = Scene(library)
        scene.fault = RuntimeError("secret words")
        scene.act(1, "a")
        await scene.end()
        assert scene.log == ["settled a at 0"]
        assert "/sos" in scene.shown()[0]

    leap(work)
    told = logged()
    assert [line["kind"] for line in told if line["event"] == "turn_failed"] == ["RuntimeError"]
    assert "secret words" not in str(told)


def test_who_blocked_the_bot_is_let_be(library: Library) -> None:
    async def work() -> None:
        scene = Scene(library)
        scene.wire.answers["sendMessage"] = [refused(403, "Forbidden: bot was blocked by the user")]
        scene.act(1, "a")
        await scene.end()
        assert scene.log == ["settled a at 0"]

    leap(work)


def test_a_refused_token_is_reported_and_settles_nothing(library: Library) -> None:
    async def work() -> None:
        scene = Scene(library)
        scene.wire.slow = 5
        scene.wire.answers["sendMessage"] = [refused(401, "Unauthorized")]
        scene.act(1, "a")
        await scene.end()
        assert len(scene.fatal) == 1
        assert scene.notes.paid == [], "still owed after the restart with the right token"

    leap(work)


def test_what_was_owed_leaves_before_anything_new(library: Library) -> None:
    async def work() -> None:
        scene = Scene(library)
        scene.wire.slow = 0.5
        person = scene.notes.person(address(1))
        replies = [(b"x", parcel.pack((Bubble(text="owed"),))), (b"y", b"no reply")]
        scene.chats.resume(Owed(address=address(1), person=person, id=note, reply=reply) for note, reply in replies)
        scene.act(1, "a")
        await scene.end()
        assert scene.shown() == ["owed", "re a"]
        assert scene.notes.paid == [b"x", b"y"]

    leap(work)


def test_the_end_does_not_wait_for_ever(library: Library) -> None:
    async def work() -> None:
        scene = Scene(library, keeps=False)
        scene.wire.slow = 1000
        scene.act(1, "a")
        await scene.chats.finish(8)
        await asyncio.sleep(0)
        assert asyncio.get_running_loop().time() == pytest.approx(8)
        assert scene.log == ["late a at 2"], "not settled: Telegram will bring it again"

    leap(work)
