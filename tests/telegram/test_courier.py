"""The way out, call by call: what is tried again, what is let be, what is done instead. On a loop that never really waits."""

from __future__ import annotations

import asyncio

import pytest

from bot.content.render import Bubble, Button, File
from bot.platforms.core import ServiceError
from bot.platforms.telegram.courier import Courier, Patience, Undelivered
from bot.platforms.telegram.inbound import Pressed
from bot.platforms.token import Press
from bot.ports import Unreachable
from tests.leaping import leap
from tests.telegram.wire import DROPPED, Answer, Wire, api, refused

QUESTION = Bubble(text="a question", choices=(Button("a", "Yes"),), turn=7)
RESULT = Bubble(text="a result", keep=True)
WALK = Pressed(message=3, kept=False)
HOUR = 3600.0


def seal(press: Press) -> str:
    return f"{press.turn}/{press.key}"


async def delivered(
    wire: Wire, *bubbles: Bubble, pressed: Pressed | None = None, patience: float = HOUR, courier: Courier | None = None
) -> float:
    """Deliver, and return how many seconds it took."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    courier = courier or Courier(api(wire))
    await courier.deliver(77, bubbles, seal, pressed=pressed, patience=Patience(begun + patience))
    await courier.asides.settled()
    return loop.time() - begun


def test_a_press_takes_one_call_and_a_result_with_a_question_two() -> None:
    async def work() -> None:
        wire = Wire()
        await delivered(wire, QUESTION, pressed=WALK)
        assert wire.methods() == ["editMessageText"]
        wire.calls.clear()
        await delivered(wire, RESULT, QUESTION, pressed=WALK)
        assert wire.methods() == ["editMessageText", "sendMessage"]

    leap(work)


def test_typed_words_take_the_old_buttons_away() -> None:
    async def work() -> None:
        wire = Wire()
        courier = Courier(api(wire))
        await delivered(wire, QUESTION, courier=courier)
        shown = wire.calls[0]
        assert shown[0] == "sendMessage"
        await delivered(wire, QUESTION, courier=courier)
        assert sorted(wire.methods()) == ["editMessageReplyMarkup", "sendMessage", "sendMessage"]
        assert wire.sent("editMessageReplyMarkup")[0]["message_id"] == 101

    leap(work)


@pytest.mark.parametrize("fault", [DROPPED, refused(500, "Internal Server Error"), refused(502, "Bad Gateway")])
def test_what_passes_is_tried_again(fault: Answer) -> None:
    async def work() -> None:
        wire = Wire()
        wire.answers["sendMessage"] = [fault] * 6
        took = await delivered(wire, QUESTION)
        assert wire.methods() == ["sendMessage"] * 7
        # 0.25 s doubled six times, each between half and whole.
        assert 0.5 * 15.75 <= took <= 15.75

    leap(work)


def test_a_429_is_waited_for() -> None:
    async def work() -> None:
        wire = Wire()
        wire.answers["sendMessage"] = [refused(429, "Too Many Requests: retry after 9", retry_after=9)]
        assert 9 <= await delivered(wire, QUESTION) < 10
        assert wire.methods() == ["sendMessage"] * 2

    leap(work)


@pytest.mark.parametrize(
    "answer",
    [
        refused(403, "Forbidden: bot was blocked by the user"),
        refused(403, "Forbidden: user is deactivated"),
        refused(400, "Bad Request: chat not found"),
    ],
)
def test_who_cannot_be_reached_is_not_tried_again(answer: Answer) -> None:
    async def work() -> None:
        wire = Wire()
        wire.answers["sendMessage"] = [answer]
        with pytest.raises(Unreachable):
            await delivered(wire, QUESTION)
        assert wire.methods() == ["sendMessage"]

    leap(work)


def test_an_edit_that_changes_nothing_has_reached_its_aim() -> None:
    async def work() -> None:
        wire = Wire()
        wire.answers["editMessageText"] = [refused(400, "Bad Request: message is not modified: specified new message ...")]
        await delivered(wire, QUESTION, pressed=WALK)
        assert wire.methods() == ["editMessageText"]

    leap(work)


@pytest.mark.parametrize("said", ["message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"])
def test_where_the_message_is_gone_a_new_one_is_sent(said: str) -> None:
    async def work() -> None:
        wire = Wire()
        wire.answers["editMessageText"] = [refused(400, f"Bad Request: {said}")]
        await delivered(wire, QUESTION, pressed=WALK)
        assert wire.methods() == ["editMessageText", "sendMessage"]
        assert "message_id" not in wire.calls[1][1]
        assert "reply_markup" in wire.calls[1][1]

    leap(work)


def test_markup_that_telegram_refuses_goes_as_plain_text() -> None:
    async def work() -> None:
        wire = Wire()
        wire.answers["sendMessage"] = [refused(400, "Bad Request: can't parse entities: unsupported start tag")]
        await delivered(wire, QUESTION)
        assert [("parse_mode" in params) for params in wire.sent("sendMessage")] == [True, False]

    leap(work)


def test_a_refusal_that_means_nothing_known_is_given_up() -> None:
    async def work() -> None:
        wire = Wire()
        wire.answers["sendMessage"] = [refused(400, "Bad Request: something new")]
        with pytest.raises(Undelivered):
            await delivered(wire, QUESTION)

    leap(work)


def test_patience_ends() -> None:
    async def work() -> None:
        wire = Wire()
        wire.answers["sendMessage"] = [DROPPED] * 100
        with pytest.raises(Undelivered):
            await delivered(wire, QUESTION, patience=60)
        assert 5 < len(wire.calls) < 12

    leap(work)


def test_a_refused_token_ends_the_service() -> None:
    async def work() -> None:
        wire = Wire()
        wire.answers["sendMessage"] = [refused(401, "Unauthorized")]
        with pytest.raises(ServiceError, match="TELEGRAM_BOT_TOKEN"):
            await delivered(wire, QUESTION)

    leap(work)


def test_a_failed_aside_harms_nothing() -> None:
    async def work() -> None:
        wire = Wire()
        courier = Courier(api(wire))
        await delivered(wire, QUESTION, courier=courier)
        wire.answers["editMessageReplyMarkup"] = [refused(400, "Bad Request: message to edit not found")]
        await delivered(wire, QUESTION, courier=courier)
        assert wire.methods().count("sendMessage") == 2

    leap(work)


def test_a_picture_that_telegram_refuses_costs_nothing_but_itself() -> None:
    async def work() -> None:
        wire = Wire()
        wire.answers["sendPhoto"] = [refused(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")]
        await delivered(wire, Bubble(text="look", files=(File("chart.png", b"png", alt="five bars", picture=True),)))
        assert wire.methods() == ["sendPhoto", "sendMessage"]

    leap(work)


def test_files_are_sent_as_documents() -> None:
    async def work() -> None:
        wire = Wire()
        await delivered(wire, Bubble(text="your copy", files=(File("copy.json", b"{}"),)))
        assert wire.methods() == ["sendDocument", "sendMessage"]

    leap(work)
