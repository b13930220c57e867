"""A gateway and a network without any for discord.py: an event as bytes in, what the client answers as bytes out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import discord
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bench.timing import Turn

ME = {"id": "1", "username": "bot", "discriminator": "0000", "avatar": None, "global_name": None, "bot": True}
CHANNEL = 60


class Aside:
    """Adds up the seconds that Discord and the people would take themselves: making events, and echoing what they are sent.

    None of it waits for anything, so that it can be taken off exactly.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._begun = 0.0

    def __enter__(self) -> None:
        self._begun = perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += perf_counter() - self._begun


ASIDE = Aside()


async def rate(lanes: Sequence[Sequence[Turn]]) -> float:
    """Turns a second of the bot's own time, where each lane takes its turns one after the other and all run side by side."""

    async def run(lane: Sequence[Turn]) -> None:
        for turn in lane:
            await turn()

    ASIDE.seconds = 0.0
    begun = perf_counter()
    await asyncio.gather(*map(run, lanes))
    return sum(map(len, lanes)) / (perf_counter() - begun - ASIDE.seconds)


class Wire(AsyncWebhookAdapter):
    """Each answer is made into bytes, and answered at once as Discord would: with the message that came of it."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0
        self.waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}

    async def request(
        self, route: Any, *_: Any, payload: dict[str, Any] | None = None, params: dict[str, Any] | None = None, **__: Any
    ) -> Any:
        """Succeed; whoever waits for this interaction is told what was sent. An echo comes where one is asked for."""
        self.bytes += len(discord.utils._to_json(payload))
        with ASIDE:
            echo = self._echo(route, payload or {}, params or {})
        return json.loads(echo) if echo else ""

    def _echo(self, route: Any, body: dict[str, Any], params: dict[str, Any]) -> str:
        if not route.path.startswith("/interactions/"):
            return json.dumps(message(body.get("content", ""), body.get("components", ())))
        data, token = body.get("data", {}), route.webhook_token
        if token in self.waiting:
            self.waiting.pop(token).set_result(data)
        if "with_response" not in params:
            return ""
        told = {"id": token, "type": 3, "response_message_id": "500", "response_message_ephemeral": True}
        resource = {"type": body["type"], "message": message(data.get("content", ""), data.get("components", ()))}
        return json.dumps({"interaction": told, "resource": resource})


def message(text: str, rows: Any, number: int = 500) -> dict[str, Any]:
    """A message of the bot's, as Discord echoes it."""
    return {
        "id": str(number),
        "channel_id": str(CHANNEL),
        "author": ME,
        "content": text,
        "timestamp": "2026-11-22T20:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
        "flags": 64,
        "components": list(rows),
    }


def press(token: str, person: int, custom: str, shown: dict[str, Any], values: Sequence[str] | None = None) -> bytes:
    """The event for a press, as Discord would send it to a bot in a private channel."""
    data: dict[str, Any] = {"custom_id": custom, "component_type": 2}
    if values is not None:
        data = {"custom_id": custom, "component_type": 3, "values": list(values)}
    user = {"id": str(person), "username": "person", "discriminator": "0", "avatar": None, "global_name": "Person"}
    event = {
        "id": token,
        "application_id": "1",
        "type": 3,
        "token": token,
        "version": 1,
        "data": data,
        "channel_id": str(CHANNEL),
        "channel": {"id": str(CHANNEL), "type": 1, "recipients": []},
        "locale": "en-US",
        "entitlements": [],
        "authorizing_integration_owners": {},
        "context": 2,
        "attachment_size_limit": 1_000,
        "app_permissions": "0",
        "user": user,
        "message": shown,
    }
    return json.dumps(event).encode()


async def connected(client: discord.AutoShardedClient) -> Wire:
    """Let a client believe that it has logged in; what it sends goes to the wire that is returned."""
    wire = Wire()
    await client._async_setup_hook()
    client._connection.user = discord.ClientUser(state=client._connection, data=ME)  # type: ignore[arg-type]
    client.http._HTTPClient__session = None  # type: ignore[attr-defined]
    return wire


async def hear(client: discord.AutoShardedClient, wire: Wire, raw: bytes, token: str) -> dict[str, Any]:
    """An event as bytes in, its answer out."""
    answered: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    wire.waiting[token] = answered
    async_context.set(wire)
    client._connection.parsers["INTERACTION_CREATE"](json.loads(raw))
    return await answered
