"""Counts the calls that Discord refuses for now: discord.py waits and tries again by itself, and tells nobody."""

from __future__ import annotations

from http import HTTPStatus
from types import SimpleNamespace

import aiohttp

from bot.meter import Meter
from bot.platforms.discord.inbound import PLATFORM


def counting_refusals(meter: Meter) -> aiohttp.TraceConfig:
    """What counts every 429. Looks at nothing but the status of an answer."""

    async def ended(_: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
        if params.response.status == HTTPStatus.TOO_MANY_REQUESTS:
            meter.add("too_many_requests", PLATFORM)

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(ended)
    return trace
