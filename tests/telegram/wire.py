"""python-telegram-bot's network replaced by a script: what was called, and how each call is answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, TypeAlias

from telegram.error import NetworkError
from telegram.request import BaseRequest, RequestData

from bot.platforms.telegram.api import Api

TOKEN = "123456:" + "a" * 35
Answer: TypeAlias = "tuple[int, dict[str, Any]] | Exception"
DROPPED = NetworkError("the connection was dropped")


def refused(code: int, description: str, **parameters: Any) -> Answer:
    return code, {"ok": False, "error_code": code, "description": description, "parameters": parameters}


class Wire(BaseRequest):
    """Each call succeeds, unless an answer was laid out for its method. `slow` are seconds before any answer."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.times: list[float] = []
        self.answers: dict[str, list[Answer]] = {}
        self.updates: list[list[dict[str, Any]]] = []
        self.slow = 0.0
        self.closed = False
        self.after: Callable[[str], None] = lambda method: None

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None:
        self.closed = True

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_args: Any, **_named: Any
    ) -> tuple[int, bytes]:
        called = url.rsplit("/", 1)[1]
        sent = request_data.parameters if request_data else {}
        self.calls.append((called, sent))
        self.times.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.slow)
        laid_out = self.answers.get(called)
        answer = laid_out.pop(0) if laid_out else (200, {"ok": True, "result": self._result(called, sent)})
        self.after(called)
        if isinstance(answer, Exception):
            raise answer
        code, body = answer
        return code, json.dumps(body).encode()

    def methods(self) -> list[str]:
        return [method for method, _ in self.calls]

    def sent(self, method: str) -> list[dict[str, Any]]:
        return [params for called, params in self.calls if called == method]

    def _result(self, called: str, sent: dict[str, Any]) -> Any:
        if called == "getMe":
            return {"id": 1, "is_bot": True, "first_name": "Closer", "username": "CloserBot"}
        if called in {"sendMessage", "editMessageText", "sendDocument", "sendPhoto"}:
            return {"message_id": sent.get("message_id", 100 + len(self.calls)), "date": 1, "chat": {"id": sent["chat_id"]}}
        return True


def api(wire: Wire, per_second: float = 10_000) -> Api:
    return Api(TOKEN, per_second=per_second, request=wire, polling=wire)
