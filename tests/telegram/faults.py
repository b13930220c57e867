"""What can go wrong on the way: each fault says how one request is answered, and whether it is carried out at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from aiohttp import web

# Carries the request out, and is its proper answer.
Effect: TypeAlias = Callable[[], Awaitable[web.Response]]
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
BLOCKED = "Forbidden: bot was blocked by the user"
PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body><center><h1>{0}</h1></center></body>\r\n</html>\r\n"
REASONS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


def refusal(code: int, description: str, **parameters: Any) -> web.Response:
    """An answer as Telegram refuses."""
    body = {"ok": False, "error_code": code, "description": description}
    return web.json_response(body | ({"parameters": parameters} if parameters else {}), status=code)


class Fault(Protocol):
    """One way to fail."""

    async def answer(self, request: web.Request, effect: Effect) -> web.Response:
        """The answer to this request."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TooMany:
    """429: not carried out, to be tried again after so many seconds."""

    retry_after: int = 2

    async def answer(self, request: web.Request, effect: Effect) -> web.Response:
        """Telegram's flood control."""
        return refusal(429, f"Too Many Requests: retry after {self.retry_after}", retry_after=self.retry_after)


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerError:
    """5xx: not carried out; as JSON, or as the page that the web server in front would send."""

    code: int = 500
    html: bool = False

    async def answer(self, request: web.Request, effect: Effect) -> web.Response:
        """The fault in one of its two forms."""
        reason = REASONS[self.code]
        if self.html:
            return web.Response(status=self.code, text=PAGE.format(f"{self.code} {reason}"), content_type="text/html")
        return refusal(self.code, reason)


@dataclass(frozen=True, kw_only=True, slots=True)
class BadGateway(ServerError):
    """502, as a page."""

    code: int = 502
    html: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Blocked:
    """403: as if the person had blocked the bot."""

    async def answer(self, request: web.Request, effect: Effect) -> web.Response:
        """Not carried out."""
        return refusal(403, BLOCKED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """409: as if a second instance were running."""

    async def answer(self, request: web.Request, effect: Effect) -> web.Response:
        """Not carried out."""
        return refusal(409, CONFLICT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unauthorized:
    """401: as if the token had been revoked."""

    async def answer(self, request: web.Request, effect: Effect) -> web.Response:
        """Not carried out."""
        return refusal(401, "Unauthorized")


@dataclass(frozen=True, kw_only=True, slots=True)
class DropBefore:
    """The connection breaks before anything has happened."""

    async def answer(self, request: web.Request, effect: Effect) -> web.Response:
        """Nobody hears this."""
        return _dropped(request)


@dataclass(frozen=True, kw_only=True, slots=True)
class DropAfter:
    """It happens, and then the connection breaks: nobody is told."""

    async def answer(self, request: web.Request, effect: Effect) -> web.Response:
        """Nobody hears this."""
        await effect()
        return _dropped(request)


@dataclass(frozen=True, kw_only=True, slots=True)
class Slow:
    """It happens at once, and the answer comes so many seconds later."""

    seconds: float

    async def answer(self, request: web.Request, effect: Effect) -> web.Response:
        """The proper answer, late."""
        response = await effect()
        await asyncio.sleep(self.seconds)
        return response


def _dropped(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@dataclass(kw_only=True, slots=True)
class Planned:
    """A fault laid out for the next requests that match; `left` of them."""

    fault: Fault
    method: str | None
    chat: int | None
    left: float

    def meets(self, method: str, chat: int | None) -> bool:
        """Whether it is for this request. Polls only where they are named: one is always about to come."""
        named = self.method.lower() == method.lower() if self.method else method != "getUpdates"
        return self.left > 0 and named and self.chat in {None, chat}

    def end(self) -> None:
        """No further request is met."""
        self.left = 0
