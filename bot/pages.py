"""What the web server answers besides webhooks: whether the process is well, what it counts, and the page on privacy.

`/healthz` and `/readyz` name parts of the program and nothing else. `/metrics` is for those whom METRICS_FROM names, and never
for what comes through a proxy: behind one, everybody's address is the proxy's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

from aiohttp.web import Request, Response, json_response

from bot.content.library import Library
from bot.conversation.book import Book
from bot.metrics import CONTENT_TYPE, Exposition
from bot.platforms.web import Route
from bot.ports import StoreError
from bot.privacy_page import HEADERS, Operator, chosen, page

Networks: TypeAlias = "tuple[IPv4Network | IPv6Network, ...]"
# Seconds: that the store may take to answer; for which what was found is told again.
PATIENCE, FRESH = 2.0, 1.0
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")
QUIET: Mapping[str, str] = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the pages tell of. `reads` asks the store for something; `connected` are the platforms that are served."""

    book: Book
    library: Library
    operator: Operator
    exposition: Exposition
    scrapers: Networks
    reads: Callable[[], Awaitable[object]]
    connected: Callable[[], Mapping[str, bool]]
    clock: Callable[[], datetime]


class Pages:
    """Answers requests. None of them changes anything."""

    def __init__(self, parts: Parts) -> None:
        self._of = parts
        self._looking = asyncio.Lock()
        self._store = (float("-inf"), False)
        self._texts: dict[str, str] = {}

    def routes(self) -> tuple[Route, ...]:
        """All of them, for the web server."""
        table = (("/healthz", self._alive), ("/readyz", self._ready), ("/metrics", self._metrics), ("/privacy", self._privacy))
        return tuple(Route(method="GET", path=path, handler=handler) for path, handler in table)

    async def _alive(self, _: Request) -> Response:
        """The event loop answers."""
        return json_response({"alive": True}, headers=QUIET)

    async def _ready(self, _: Request) -> Response:
        """Everything that a conversation needs is there; otherwise which part is not."""
        found = {"content": bool(self._of.book.dialogs), "store": await self._stored(), **self._of.connected()}
        ready = all(found.values())
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return json_response({"ready": ready, **found}, status=status, headers=QUIET)

    async def _stored(self) -> bool:
        """Whether the store answers. However often this is asked, the store is asked once a second."""
        now = asyncio.get_running_loop().time
        async with self._looking:
            at, well = self._store
            if now() - at >= FRESH:
                try:
                    async with asyncio.timeout(PATIENCE):
                        await self._of.reads()
                    well = True
                except (StoreError, TimeoutError):
                    well = False
                self._store = (now(), well)
            return well

    async def _metrics(self, request: Request) -> Response:
        if not admitted(request.remote, request.headers, self._of.scrapers):
            return Response(status=HTTPStatus.FORBIDDEN, text="METRICS_FROM does not let you in.\n", headers=QUIET)
        text = self._of.exposition.text()
        return Response(body=text, headers={**QUIET, "Content-Type": CONTENT_TYPE})

    async def _privacy(self, request: Request) -> Response:
        language = chosen(self._of.library, request.query.get("lang"), request.headers.get("Accept-Language", ""))
        if language not in self._texts:
            self._texts[language] = page(self._of.book, self._of.library, language, self._of.operator, self._of.clock())
        headers = {**HEADERS, "Content-Language": language}
        return Response(text=self._texts[language], content_type="text/html", charset="utf-8", headers=headers)


def admitted(remote: str | None, headers: Mapping[str, str], scrapers: Networks) -> bool:
    """Whether this client may read the metrics: its address is named, and it is nobody's proxy."""
    if remote is None or any(name in headers for name in FORWARDED):
        return False
    try:
        address = ip_address(remote.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in scrapers)
