"""The one small web server of a process: what is reached over HTTP is a route of it, whoever answers. Closed by default."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from bot.platforms.core import ServiceError

# An update of Telegram's is a few kilobytes.
LARGEST = 256 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """Who answers which requests."""

    method: str
    path: str
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]]


class Web:
    """Serves routes on one address, from `start` to `stop`."""

    def __init__(self, host: str, port: int, routes: Sequence[Route]) -> None:
        self._host, self._port = host, port
        application = web.Application(client_max_size=LARGEST)
        for route in routes:
            # Who asks for the head of a page only, asks for the page.
            add = application.router.add_get if route.method == "GET" else partial(application.router.add_route, route.method)
            add(route.path, route.handler)
        application.on_response_prepare.append(_unsigned)
        # No access log: it would tell who came when.
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)

    async def start(self) -> None:
        """Begin to listen. Raises ServiceError where the address cannot be used."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise ServiceError(
                f"The web server cannot listen on {self._host}:{self._port} ({error.strerror}): free that port, set "
                f"WEB_HOST and WEB_PORT, or do without it by WEB=false."
            ) from None

    async def stop(self) -> None:
        """Answer nothing any more."""
        await self._runner.cleanup()


async def _unsigned(_: web.Request, response: web.StreamResponse) -> None:
    """Which versions of which libraries answer is nobody's business."""
    response.headers.popall("Server", None)
