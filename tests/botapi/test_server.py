"""The server that the other tests lean on, driven by other clients than ours."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter

from tests.botapi.server import TOKEN, BotApi, Fault, Refusal, bot_api
from tests.botapi.someone import Someone


def client(api: BotApi, token: str = TOKEN) -> Bot:
    return Bot(token, base_url=f"{api.base}/bot")


async def raw(api: BotApi, method: str, **params: Any) -> dict[str, Any]:
    async with ClientSession() as session, session.post(f"{api.base}/bot{TOKEN}/{method}", json=params) as response:
        body: dict[str, Any] = await response.json()
        return body


async def test_updates_come_again_until_they_are_acknowledged() -> None:
    async with bot_api() as api, client(api) as bot:
        first = await api.push(Someone(api).message(text="a"))
        second = await api.push(Someone(api).message(text="b"))
        for _ in range(2):
            assert [u.update_id for u in await bot.get_updates()] == [first, second]
        assert [u.update_id for u in await bot.get_updates(offset=second)] == [second]
        assert await bot.get_updates(offset=second + 1) == ()


async def test_a_poll_waits_for_something_to_happen() -> None:
    async with bot_api() as api, client(api) as bot:
        waiting = asyncio.create_task(bot.get_updates(timeout=10))
        await api.until(lambda: api.polls)
        assert not waiting.done()
        await api.push(Someone(api).message(text="a"))
        assert len(await waiting) == 1


async def test_of_two_pollers_the_older_is_told() -> None:
    async with bot_api() as api, client(api) as bot, client(api) as other:
        older = asyncio.create_task(bot.get_updates(timeout=10))
        await api.until(lambda: api.polls)
        newer = asyncio.create_task(other.get_updates(timeout=10))
        with pytest.raises(Conflict):
            await older
        await api.push(Someone(api).message(text="a"))
        assert len(await newer) == 1


async def test_messages_are_sent_edited_and_freed_of_buttons() -> None:
    async with bot_api() as api, client(api) as bot:
        board = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y")]])
        sent = await bot.send_message(77, "<b>a</b> &amp; b", parse_mode="HTML", reply_markup=board)
        assert [(m.text, m.buttons) for m in api.shown(77)] == [("a & b", {"Yes": "y"})]
        await bot.edit_message_text("c", chat_id=77, message_id=sent.message_id, reply_markup=board)
        with pytest.raises(BadRequest, match="not modified"):
            await bot.edit_message_text("c", chat_id=77, message_id=sent.message_id, reply_markup=board)
        await bot.edit_message_reply_markup(chat_id=77, message_id=sent.message_id)
        assert api.shown(77)[0].markup is None
        with pytest.raises(BadRequest, match="not found"):
            await bot.edit_message_text("c", chat_id=77, message_id=5)
        await bot.send_document(77, b"{}", filename="a.json")
        assert (api.shown(77)[1].file, api.shown(77)[1].data) == ("a.json", b"{}")


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("sendMessage", {"chat_id": 77, "text": ""}),
        ("sendMessage", {"chat_id": 77, "text": "a" * 4097}),
        ("sendMessage", {"chat_id": 77, "text": "🙂" * 2049}),
        ("sendMessage", {"chat_id": 77, "text": "a", "unheard_of": 1}),
        ("sendMessage", {"text": "a"}),
        ("sendMessage", {"chat_id": 77, "text": "<b>a", "parse_mode": "HTML"}),
        ("sendMessage", {"chat_id": 77, "text": "<b><i>a</b></i>", "parse_mode": "HTML"}),
        ("sendMessage", {"chat_id": 77, "text": "<h1>a</h1>", "parse_mode": "HTML"}),
        ("sendMessage", {"chat_id": 77, "text": "1 < 2", "parse_mode": "HTML"}),
        ("sendMessage", {"chat_id": 77, "text": "a &nbsp; b", "parse_mode": "HTML"}),
        ("sendMessage", {"chat_id": 77, "text": "a", "reply_markup": {"inline_keyboard": [[{"text": "a"}]]}}),
        ("sendMessage", {"chat_id": 77, "text": "a", "reply_markup": {"inline_keyboard": [[]]}}),
        (
            "sendMessage",
            {"chat_id": 77, "text": "a", "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "ä" * 33}]]}},
        ),
        ("sendMessage", {"chat_id": 77, "text": "a", "reply_markup": {"inline_keyboard": [[{"text": "a", "url": "nowhere"}]]}}),
        ("answerCallbackQuery", {"callback_query_id": "q", "text": "a" * 201}),
        ("setMyCommands", {"commands": [{"command": "Why", "description": "a"}]}),
        ("setMyShortDescription", {"short_description": "a" * 121}),
        ("sendNothing", {}),
    ],
)
async def test_what_telegram_would_refuse_is_a_violation(method: str, params: dict[str, Any]) -> None:
    async with bot_api(violations=True) as api:
        body = await raw(api, method, **params)
        assert (body["ok"], body["error_code"]) == (False, 400)
        assert api.violations


async def test_a_violation_fails_the_test_at_its_end() -> None:
    with pytest.raises(AssertionError):
        async with bot_api() as api:
            await raw(api, "sendMessage", chat_id=77, text="")


async def test_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # or each 429 warns
    async with bot_api() as api, client(api) as bot:
        api.faults = [Fault(refusal=Refusal(429, "Too Many Requests: retry after 3", retry_after=3))]
        with pytest.raises(RetryAfter):
            await bot.send_message(77, "a")
        api.faults = [Fault(drop="before"), Fault(method="sendMessage", drop="after")]
        for expected in (0, 1):
            with pytest.raises(ClientError):
                await raw(api, "sendMessage", chat_id=77, text="a")
            assert len(api.shown(77)) == expected
        api.blocked.add(77)
        with pytest.raises(Forbidden):
            await bot.send_message(77, "a")
        with pytest.raises(InvalidToken):
            await client(api, "1:wrong").__aenter__()  # which lets go of everything where it fails


async def test_a_callback_query_can_be_answered_once() -> None:
    async with bot_api() as api, client(api) as bot:
        api.open_queries.add("q")
        assert await bot.answer_callback_query("q")
        with pytest.raises(BadRequest, match="too old"):
            await bot.answer_callback_query("q")
