"""Serving every platform from one process: a fault in one never stops the others; a signal ends all of them in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bot.log import log
from bot.platforms.core import Service, ServiceError
from bot.platforms.web import Web

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Beside(Protocol):
    """Something that goes on beside the platform of the same name, for as long as that is served."""

    name: str

    async def run(self) -> None:
        """Go on until `stop`."""

    async def stop(self) -> None:
        """Begin nothing new; `run` returns within a few seconds."""


async def serve(services: Sequence[Service], web: Web | None = None, beside: Sequence[Beside] = ()) -> None:
    """Serve until a signal comes. Raises ServiceError once no platform is left that can be served."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_unexpected)
    stopping = asyncio.Event()
    for number in SIGNALS:
        loop.add_signal_handler(number, stopping.set)
    if web is not None:
        await web.start()
    try:
        await _until_stopped(services, beside, stopping)
    finally:
        if web is not None:
            await web.stop()
        for number in SIGNALS:
            loop.remove_signal_handler(number)


async def _until_stopped(services: Sequence[Service], beside: Sequence[Beside], stopping: asyncio.Event) -> None:
    others = [asyncio.create_task(_go(each)) for each in beside]
    running = [asyncio.create_task(_run(each, [other for other in beside if other.name == each.name])) for each in services]
    waiting = asyncio.create_task(stopping.wait())
    ending = asyncio.gather(*running)
    await asyncio.wait((waiting, ending), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    log("info", "stopping")
    # All at once: what is in flight on a platform can leave for as long as that finishes its own.
    await asyncio.gather(*(each.stop() for each in (*beside, *services)))
    faults = [fault for fault in await ending if fault is not None]
    await asyncio.gather(*others)
    if faults and len(faults) == len(services):
        raise ServiceError(" ".join(faults))


async def _go(beside: Beside) -> None:
    try:
        await beside.run()
    except Exception as error:  # noqa: BLE001 - the platforms go on
        log("error", "beside_ended", platform=beside.name, kind=type(error).__name__)


async def _run(service: Service, beside: Sequence[Beside]) -> str | None:
    """Serve one platform; what made it end, or None where it was asked to."""
    try:
        await service.run()
    except ServiceError as error:
        log("error", "service_ended", platform=service.name, remedy=str(error))
        return str(error)
    except Exception as error:  # noqa: BLE001 - the other platform goes on
        log("error", "service_ended", platform=service.name, kind=type(error).__name__)
        return f"{service.name} ended by a fault in Closer itself ({type(error).__name__}): start again, and please report it."
    finally:
        for each in beside:
            await each.stop()
    return None


def _unexpected(_: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """A fault that nobody awaited. Its message might quote somebody, so only its kind is told."""
    error = context.get("exception")
    log("error", "unexpected", kind=type(error).__name__ if error else "none")
