"""Serving every platform from one process: a fault in one never stops the others; a signal ends all of them in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping, Sequence
from typing import Any

from bot.log import log
from bot.platforms.core import Service, ServiceError
from bot.platforms.web import Web

SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def serve(services: Sequence[Service], web: Web | None = None) -> None:
    """Serve until a signal comes. Raises ServiceError once no platform is left that can be served."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_unexpected)
    stopping = asyncio.Event()
    for number in SIGNALS:
        loop.add_signal_handler(number, stopping.set)
    if web is not None:
        await web.start()
    try:
        await _until_stopped(services, stopping)
    finally:
        if web is not None:
            await web.stop()
        for number in SIGNALS:
            loop.remove_signal_handler(number)


async def _until_stopped(services: Sequence[Service], stopping: asyncio.Event) -> None:
    running = [asyncio.create_task(_run(service)) for service in services]
    waiting = asyncio.create_task(stopping.wait())
    ending = asyncio.gather(*running)
    await asyncio.wait((waiting, ending), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    await asyncio.gather(*(service.stop() for service in services))
    faults = [fault for fault in await ending if fault is not None]
    if faults and len(faults) == len(services):
        raise ServiceError(" ".join(faults))


async def _run(service: Service) -> str | None:
    """Serve one platform; what made it end, or None where it was asked to."""
    try:
        await service.run()
    except ServiceError as error:
        log("error", "service_ended", platform=service.name, remedy=str(error))
        return str(error)
    except Exception as error:  # noqa: BLE001 - the other platform goes on
        log("error", "service_ended", platform=service.name, kind=type(error).__name__)
        return f"{service.name} ended by a fault in Closer itself ({type(error).__name__}): start again, and please report it."
    return None


def _unexpected(_: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """A fault that nobody awaited. Its message might quote somebody, so only its kind is told."""
    error = context.get("exception")
    log("error", "unexpected", kind=type(error).__name__ if error else "none")
