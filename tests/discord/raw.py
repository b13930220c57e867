"""INTERACTION_CREATE as Discord sends it, and direct messages as discord.py reads them without a connection.

Shapes: https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object
"""

from __future__ import annotations

from typing import Any

import discord

ME = {"id": "1", "username": "bot", "discriminator": "0000", "avatar": None, "global_name": None, "bot": True}
GUILD, DM, GROUP = 0, 1, 2
CHANNEL: dict[str, Any] = {"recipients": [], "icon": None, "name": None, "position": 0, "permission_overwrites": []}


def client() -> discord.Client:
    made = discord.Client(intents=discord.Intents.none())
    made._connection.user = discord.ClientUser(state=made._connection, data=ME)  # type: ignore[arg-type]
    return made


def user(number: int) -> dict[str, Any]:
    return {"id": str(number), "username": "p", "discriminator": "0", "avatar": None, "global_name": None}


def message(number: int = 50, *, flags: int = 64, components: Any = (), author: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "channel_id": "60",
        "author": author or ME,
        "content": "?",
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
        "flags": flags,
        "components": list(components),
        **more,
    }


def event(kind: int, data: dict[str, Any], *, who: int = 7, context: int | None = GUILD, **more: Any) -> dict[str, Any]:
    """An interaction of type 2 (command), 3 (component) or 5 (modal)."""
    payload = {
        "id": "100",
        "application_id": "1",
        "type": kind,
        "token": "t",
        "version": 1,
        "data": data,
        "channel_id": "60",
        "channel": {"id": "60", "type": {DM: 1, GROUP: 3}.get(context or 0, 0), **CHANNEL},
        "locale": "en-US",
        "entitlements": [],
        "authorizing_integration_owners": {},
        "attachment_size_limit": 1_000,
        "app_permissions": "0",
        "user": user(who),
        **({} if context is None else {"context": context}),
        **more,
    }
    if context == GUILD:
        payload["guild_id"] = "70"
        payload["guild"] = {"id": "70", "locale": "en-US", "features": []}
        payload["member"] = {
            "user": payload.pop("user"), "roles": [], "joined_at": "2026-01-01T00:00:00+00:00",
            "deaf": False, "mute": False, "flags": 0, "permissions": "0",
        }  # fmt: skip
    return payload


def said(**more: Any) -> discord.Message:
    state = client()._connection
    channel = discord.DMChannel(me=state.user, state=state, data={"id": "60", "type": 1, "recipients": [user(7)]})  # type: ignore[arg-type,typeddict-item]
    data: Any = message(flags=0, author=user(7), **more)
    return discord.Message(state=state, channel=channel, data=data)
