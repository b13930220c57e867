"""A Bot API server over real HTTP, as far as Closer meets one: it forgets, redelivers, long-polls and refuses as Telegram does.

Every request is checked independently (checks.py); a violation is answered with 400 and fails the test at its end.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from aiohttp import ClientSession, web

from tests.botapi.checks import problems, text_of, values

TOKEN = "123456:" + "t" * 35
ME = {"id": 123456, "is_bot": True, "first_name": "Closer", "username": "CloserBot"}
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content and "
    "reply markup of the message"
)
SETTINGS = {"Commands": "commands", "Description": "description", "ShortDescription": "short_description"}


class Refusal(Exception):
    """An answer with ok: false."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code, self.parameters = code, parameters


@dataclass(kw_only=True)
class Fault:
    """What goes wrong with the next `times` calls of `method` (None: any). `drop`: the connection breaks, before or after."""

    method: str | None = None
    chat: int | None = None
    times: int = 1
    refusal: Refusal | None = None
    drop: str = ""
    gate: asyncio.Event | None = None

    def meets(self, method: str, chat: int | None) -> bool:
        return self.times > 0 and self.method in {None, method} and self.chat in {None, chat}


@dataclass(kw_only=True)
class Message:
    """A message of the bot's, as it looks now; `changes` counts its edits."""

    number: int
    chat: int
    text: str = ""
    markup: dict[str, Any] | None = None
    file: str | None = None
    data: bytes = b""
    changes: int = 0

    @property
    def buttons(self) -> dict[str, str]:
        """The data behind each label."""
        rows = (self.markup or {}).get("inline_keyboard", [])
        return {button["text"]: button.get("callback_data", "") for row in rows for button in row}

    def json(self) -> dict[str, Any]:
        body: dict[str, Any] = {"message_id": self.number, "date": 1_700_000_000, "chat": private(self.chat), "from": ME}
        body |= {"text": self.text} if self.file is None else {"document": {"file_id": "f", "file_unique_id": "f"}}
        return body | ({"reply_markup": self.markup} if self.markup else {})


@dataclass(kw_only=True)
class BotApi:
    """The server and all that it knows."""

    base: str = ""
    messages: list[Message] = field(default_factory=list)
    calls: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)
    polls: list[tuple[float, int | None]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    pending: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[tuple[str, str], Any] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=dict)
    open_queries: set[str] = field(default_factory=set)
    blocked: set[int] = field(default_factory=set)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _numbers: Any = field(default_factory=lambda: itertools.count(1000))
    _poll: asyncio.Event | None = None

    # -- what people do -----------------------------------------------------------------------------------------

    async def push(self, update: dict[str, Any]) -> int:
        """Something happens. It is sent until it is acknowledged."""
        update.setdefault("update_id", next(self._numbers))
        if self.webhook.get("url"):
            asyncio.get_running_loop().create_task(self._post(update))
        else:
            self.pending.append(update)
            await self._notify()
        return int(update["update_id"])

    async def until(self, ready: Callable[[], Any], seconds: float = 20) -> Any:
        """Wait until this is true, looking whenever something was called."""
        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(ready)
        return ready()

    def shown(self, chat: int) -> list[Message]:
        """The bot's messages in this chat."""
        return [message for message in self.messages if message.chat == chat]

    def count(self, *methods: str) -> int:
        return sum(called in methods for _, called, _ in self.calls)

    # -- what the bot asks ---------------------------------------------------------------------------------------

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != TOKEN:
            return _answer(Refusal(401, "Unauthorized"))
        method = request.match_info["method"]
        form = await request.json() if request.content_type == "application/json" else await request.post()
        given = values({name: value.file.read() if hasattr(value, "file") else value for name, value in form.items()})
        names = {name: value.filename for name, value in form.items() if hasattr(value, "filename")}
        chat = int(given["chat_id"]) if "chat_id" in given else None
        self.calls.append((monotonic(), method, given))
        fault = next((fault for fault in self.faults if fault.meets(method, chat)), None)
        try:
            if fault is not None:
                await self._go_wrong(fault, request)
            answer = await self._answered(method, given, names, chat)
        except Refusal as refusal:
            return _answer(refusal)
        finally:
            await self._notify()
        if fault is not None and fault.drop == "after":
            _cut(request)
        return web.json_response({"ok": True, "result": answer})

    async def _go_wrong(self, fault: Fault, request: web.Request) -> None:
        fault.times -= 1
        if fault.gate is not None:
            await fault.gate.wait()
        if fault.drop == "before":
            _cut(request)
            raise Refusal(500, "never arrives")
        if fault.refusal is not None:
            raise fault.refusal

    async def _answered(self, method: str, given: dict[str, Any], names: dict[str, str], chat: int | None) -> Any:
        found = problems(method, given)
        if found:
            self.violations += found
            raise Refusal(400, f"Bad Request: {found[0]}")
        if chat in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        for start, kind in (("getMy", dict.get), ("setMy", None)):
            if method.startswith(start):
                return self._setting(method.removeprefix(start), given, reading=kind is not None)
        return await _DO[method](self, given, names)

    def _setting(self, thing: str, given: dict[str, Any], *, reading: bool) -> Any:
        name, key = SETTINGS[thing], (thing, given.get("language_code", ""))
        if reading:
            value = self.settings.get(key, [] if name == "commands" else "")
            return value if name == "commands" else {name: value}
        self.settings[key] = given[name]
        return True

    async def _get_me(self, given: dict[str, Any], _: Any) -> Any:
        return ME

    async def _get_updates(self, given: dict[str, Any], _: Any) -> Any:
        if self.webhook.get("url"):
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook")
        if self._poll is not None:
            self._poll.set()
        mine = self._poll = asyncio.Event()
        offset = int(given["offset"]) if "offset" in given else None
        self.polls.append((monotonic(), offset))
        await self._notify()
        if offset is not None:
            self.pending = [update for update in self.pending if update["update_id"] >= offset]
        try:
            async with asyncio.timeout(float(given.get("timeout", 0))), self.changed:
                await self.changed.wait_for(lambda: self.pending or mine.is_set())
        except TimeoutError:
            return []
        finally:
            if self._poll is mine:
                self._poll = None
        if mine.is_set():
            raise Refusal(
                409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
            )
        return self.pending[: int(given.get("limit", 100))]

    async def _set_webhook(self, given: dict[str, Any], _: Any) -> bool:
        self.webhook = given
        return True

    async def _delete_webhook(self, given: dict[str, Any], _: Any) -> bool:
        self.webhook = {}
        if given.get("drop_pending_updates") in {"true", True}:
            self.pending.clear()
        return True

    async def _send_message(self, given: dict[str, Any], _: Any) -> Any:
        message = Message(
            number=next(self._numbers), chat=int(given["chat_id"]), text=_read(given), markup=given.get("reply_markup")
        )
        self.messages.append(message)
        return message.json()

    async def _send_document(self, given: dict[str, Any], names: dict[str, str]) -> Any:
        return self._filed("document", given, names)

    async def _send_photo(self, given: dict[str, Any], names: dict[str, str]) -> Any:
        return self._filed("photo", given, names)

    def _filed(self, kind: str, given: dict[str, Any], names: dict[str, str]) -> Any:
        chat, name = int(given["chat_id"]), names[kind]
        self.messages.append(Message(number=next(self._numbers), chat=chat, file=name, data=given[kind]))
        return self.messages[-1].json()

    async def _edit_text(self, given: dict[str, Any], _: Any) -> Any:
        message, text = self._find(given), _read(given)
        if (text, given.get("reply_markup")) == (message.text, message.markup):
            raise Refusal(400, f"Bad Request: {NOT_MODIFIED}")
        message.text, message.markup, message.changes = text, given.get("reply_markup"), message.changes + 1
        return message.json()

    async def _edit_markup(self, given: dict[str, Any], _: Any) -> Any:
        message = self._find(given)
        if message.markup == given.get("reply_markup"):
            raise Refusal(400, f"Bad Request: {NOT_MODIFIED}")
        message.markup = given.get("reply_markup")
        return message.json()

    async def _answer_query(self, given: dict[str, Any], _: Any) -> bool:
        if given["callback_query_id"] not in self.open_queries:
            raise Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self.open_queries.discard(given["callback_query_id"])
        return True

    async def _chat_action(self, given: dict[str, Any], _: Any) -> bool:
        return True

    # -- inside ---------------------------------------------------------------------------------------------------

    def _find(self, given: dict[str, Any]) -> Message:
        wanted = (int(given["chat_id"]), int(given["message_id"]))
        for message in self.messages:
            if (message.chat, message.number) == wanted:
                return message
        raise Refusal(400, "Bad Request: message to edit not found")

    async def _post(self, update: dict[str, Any]) -> None:
        """Bring an update to the webhook, again and again until it is taken."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
        async with ClientSession() as session:
            while True:
                async with session.post(self.webhook["url"], json=update, headers=headers) as response:
                    if response.status == 200:
                        return
                await asyncio.sleep(0.05)

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()


# What is called to answer each method.
_DO = {
    "getMe": BotApi._get_me,
    "getUpdates": BotApi._get_updates,
    "setWebhook": BotApi._set_webhook,
    "deleteWebhook": BotApi._delete_webhook,
    "sendMessage": BotApi._send_message,
    "sendDocument": BotApi._send_document,
    "sendPhoto": BotApi._send_photo,
    "editMessageText": BotApi._edit_text,
    "editMessageReplyMarkup": BotApi._edit_markup,
    "answerCallbackQuery": BotApi._answer_query,
    "sendChatAction": BotApi._chat_action,
}


@asynccontextmanager
async def bot_api(*, violations: bool = False) -> AsyncIterator[BotApi]:
    """A server on a free port. Fails at its end where a request was not as the Bot API wants it."""
    api = BotApi()
    application = web.Application(client_max_size=50_000_000)
    application.router.add_route("*", "/bot{token}/{method}", api.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    api.base = "http://127.0.0.1:{1}".format(*runner.addresses[0])
    try:
        yield api
    finally:
        await runner.cleanup()
    assert violations or not api.violations, api.violations


def private(chat: int) -> dict[str, Any]:
    return {"id": chat, "type": "private" if chat > 0 else "group", "first_name": "Somebody"}


def _read(given: dict[str, Any]) -> str:
    return text_of(given["text"]) if given.get("parse_mode") == "HTML" else str(given["text"])


def _answer(refusal: Refusal) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": str(refusal)}
    return web.json_response(body | ({"parameters": refusal.parameters} if refusal.parameters else {}), status=refusal.code)


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
