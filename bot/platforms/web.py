"""The one small web server of a process: what is reached over HTTP is a route of it, whoever answers. Closed by default."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

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
        application.add_routes([web.route(r.method, r.path, r.handler) for r in routes])
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
                f"The web server cannot listen on {self._host}:{self._port} ({error.strerror}): free that port, or set "
                f"WEB_HOST and WEB_PORT."
            ) from None

    async def stop(self) -> None:
        """Answer nothing any more."""
        await self._runner.cleanup()
