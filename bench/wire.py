"""A network without any for python-telegram-bot: each request is made into bytes, and answered at once as Telegram would."""

from __future__ import annotations

import json
from typing import Any

from telegram.request import BaseRequest, RequestData

ME = {"id": 1, "is_bot": True, "first_name": "Bot", "username": "a_bot"}
DATE = 1_700_000_000


class Wire(BaseRequest):
    """Counts the bytes of what would be sent. A message that is sent or edited is echoed, as the Bot API does."""

    def __init__(self) -> None:
        self.bytes = 0

    @property
    def read_timeout(self) -> float | None:
        """Nothing is ever waited for."""
        return None

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_args: Any, **_named: Any
    ) -> tuple[int, bytes]:
        """Succeed."""
        sent = request_data.json_parameters if request_data else {}
        self.bytes += len(json.dumps(sent).encode())
        called = url.rsplit("/", 1)[1]
        result: object = True
        if called == "getMe":
            result = ME
        elif called in {"sendMessage", "editMessageText"}:
            result = _echoed(sent)
        return 200, json.dumps({"ok": True, "result": result}).encode()


def _echoed(sent: dict[str, str]) -> dict[str, Any]:
    chat = {"id": int(sent["chat_id"]), "type": "private", "first_name": "Person"}
    message = {"message_id": int(sent.get("message_id", 1)), "date": DATE, "chat": chat, "from": ME, "text": sent["text"]}
    if "reply_markup" in sent:
        message["reply_markup"] = json.loads(sent["reply_markup"])
    return message


def press(number: int, person: int, data: str) -> bytes:
    """The update for a press, as Telegram would send it."""
    user = {"id": person, "is_bot": False, "first_name": "Person", "language_code": "en"}
    chat = {"id": person, "type": "private", "first_name": "Person"}
    message = {"message_id": 1, "date": DATE, "chat": chat, "from": ME, "text": "A question that was asked before this one?"}
    query = {"id": str(number), "from": user, "chat_instance": "1", "data": data, "message": message}
    return json.dumps({"update_id": number, "callback_query": query}).encode()
