"""The way out: makes the calls of a plan through discord.py, and says in a table what Discord's errors mean.

discord.py itself waits where it is asked to (429) and tries server errors again; here is what is left after that. Never a
word of a message, an id or a token in a log.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import aiohttp
import discord
from discord.http import Route
from discord.webhook.async_ import async_context

from bot.content.render import File
from bot.log import log
from bot.platforms import fit
from bot.platforms.discord.inbound import EPHEMERAL, PLATFORM, How
from bot.platforms.discord.outbound import Call, Json, Message, Verb, calls
from bot.ports import Unreachable

# Seconds: until a turn is taken for slow; in which Discord wants an answer (3), and for which it takes further ones (900).
SLOW, PROMPT, LATE = 1.5, 2.8, 880.0
# Seconds between attempts after a fault that may pass.
WAITS = (0.2, 0.6, 1.5, 4.0)

# https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object
_MESSAGE, _LATER, _LATER_HERE, _CHANGE, _MODAL = 4, 5, 6, 7, 9
_CALLBACK = "/interactions/{webhook_id}/{webhook_token}/callback"
_FURTHER = "/webhooks/{webhook_id}/{webhook_token}"
_ORIGINAL = f"{_FURTHER}/messages/@original"
_NO_PREVIEW = 1 << 2
# https://discord.com/developers/docs/resources/message#attachment-object
LONGEST_ALT = 1_024
_NOBODY: dict[str, list[str]] = {"parse": []}
_BYTES = "application/octet-stream"
FAULTS = (discord.HTTPException, aiohttp.ClientError, OSError)


class Meaning(Enum):
    """What an error of Discord's comes to."""

    DONE = "done"  # it was done already
    GONE = "gone"  # the message to change has been deleted
    EXPIRED = "expired"  # the interaction takes no answer any more
    BARRED = "barred"  # the bot may not do that there
    UNREACHABLE = "unreachable"  # this person takes no messages from the bot
    AGAIN = "again"  # it may pass
    REFUSED = "refused"  # Discord does not take this message, whatever is done


# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
_MEANS = {
    40060: Meaning.DONE,
    10008: Meaning.GONE,
    10062: Meaning.EXPIRED,
    10015: Meaning.EXPIRED,
    50027: Meaning.EXPIRED,
    10003: Meaning.BARRED,
    50001: Meaning.BARRED,
    50013: Meaning.BARRED,
    50007: Meaning.UNREACHABLE,
    50278: Meaning.UNREACHABLE,
    10013: Meaning.UNREACHABLE,
    40003: Meaning.AGAIN,
}


class Lost(Exception):
    """A message could not be shown. The turn stands; whatever the person does next shows where they are."""

    def __init__(self, meaning: Meaning) -> None:
        super().__init__(meaning.value)
        self.meaning = meaning


class Screen(discord.ui.View):
    """Controls as they are sent. discord.py keeps nothing of it: what was pressed is told by the press itself."""

    def __init__(self, rows: Sequence[Json]) -> None:
        super().__init__(timeout=None)
        self._rows = rows
        self.stop()

    def to_components(self) -> list[dict[str, Any]]:
        """The rows as they are."""
        return [dict(row) for row in self._rows]

    def is_dispatchable(self) -> bool:
        """Nothing here is to be found again by discord.py."""
        return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """What entitles to answer one interaction: discord.py's client for HTTP, and what Discord gave us."""

    http: Any = field(repr=False)
    id: int
    token: str = field(repr=False)
    application: int


def ticket(http: Any, event: Json) -> Ticket:
    """The ticket of an interaction."""
    return Ticket(http=http, id=int(event["id"]), token=event["token"], application=int(event["application_id"]))


class Reply:
    """The answer to one interaction. Begin it when the interaction comes: Discord's clock runs from there."""

    __slots__ = ("_begun", "_deferring", "_hidden", "_how", "_ticket")

    def __init__(self, ticket: Ticket, how: How, *, hidden: bool) -> None:
        self._ticket, self._how, self._hidden = ticket, how, hidden
        self._begun = _now()
        self._deferring: asyncio.Task[bool] | None = None

    def defer(self) -> None:
        """Tell Discord that it takes longer."""
        if self._deferring is None:
            self._deferring = asyncio.create_task(self._defer())

    async def give(self, shown: Sequence[Message], left: tuple[Json, ...] = ()) -> bool:
        """Show these messages. False where not all of them could be shown, which is logged."""
        deferred = self._deferring is not None and await self._deferring
        return await self._well(self._give(shown, left, deferred=deferred))

    async def ask(self, form: Json) -> bool:
        """Show a modal instead: it can only be the first answer. False where it could not be shown, which is logged."""
        return await self._well(attempt(lambda: _call_back(self._ticket, _MODAL, form), self._begun + PROMPT))

    async def _well(self, work: Awaitable[None]) -> bool:
        try:
            await work
        except Lost as error:
            log("warning", "reply_lost", platform=PLATFORM, kind=error.meaning.value)
            return False
        return True

    async def _give(self, shown: Sequence[Message], left: tuple[Json, ...], *, deferred: bool) -> None:
        first, *others = calls(self._how, shown, left=left, deferred=deferred)
        try:
            await self._make(first)
        except Lost as error:
            if error.meaning is not Meaning.GONE or first.verb is Verb.RESPOND:
                raise
            # What was pressed, or promised, has been deleted: all of it goes into messages of its own.
            first, *others = calls(How.NEW, shown)
            await self._make(Call(verb=Verb.FOLLOW, message=first.message) if deferred else first)
        for call in others:
            await self._make(call)

    async def _make(self, call: Call) -> None:
        first = call.verb in {Verb.RESPOND, Verb.UPDATE}
        end = self._begun + (PROMPT if first else LATE)
        await attempt(lambda: _MADE[call.verb](self._ticket, call.message, self._hidden), end)

    async def _defer(self) -> bool:
        kind = _LATER if self._how is How.NEW else _LATER_HERE
        try:
            await _call_back(self._ticket, kind, {"flags": EPHEMERAL if self._hidden else 0} if kind == _LATER else None)
        except FAULTS as error:
            log("warning", "not_deferred", platform=PLATFORM, kind=meant(error).value)
            return meant(error) is Meaning.DONE
        return True


async def send(channel: discord.abc.Messageable, shown: Sequence[Message]) -> None:
    """Send these messages to a channel of direct messages. Raises Unreachable or Lost."""
    end = _now() + LATE
    for message in shown:
        try:
            await attempt(lambda message=message: sent(channel, message), end)  # type: ignore[misc]
        except Lost as error:
            if error.meaning is Meaning.UNREACHABLE:
                raise Unreachable from None
            raise


async def sent(channel: discord.abc.Messageable, message: Message, nonce: int | None = None) -> None:
    """Send one message, once. With the same `nonce` Discord takes it once only, for some minutes."""
    files = [_file(file) for file in message.files]
    more: dict[str, Any] = {} if nonce is None else {"nonce": nonce}
    await channel.send(message.text, view=Screen(message.rows), files=files, suppress_embeds=True, **more)


async def attempt(work: Callable[[], Awaitable[object]], end: float) -> None:
    """Do this until it is done, but not past `end` (loop time). Raises Lost."""
    for wait in (*WAITS, None):
        try:
            await work()
        except FAULTS as error:
            meaning = meant(error)
            if meaning is Meaning.DONE:
                return
            if meaning is not Meaning.AGAIN or wait is None or _now() + wait > end:
                raise Lost(meaning) from None
            await asyncio.sleep(wait)
        else:
            return


def meant(error: Exception) -> Meaning:
    """What an error comes to."""
    if not isinstance(error, discord.HTTPException):
        return Meaning.AGAIN
    known = _MEANS.get(error.code)
    if known is not None:
        return known
    if error.status >= 500 or error.status == 429:
        return Meaning.AGAIN
    return Meaning.BARRED if isinstance(error, discord.Forbidden) else Meaning.REFUSED


# -- the calls ------------------------------------------------------------------------------------------------------------
# By discord.py's own way to its webhook routes. What it builds on that makes a View of the controls and keeps it, asks
# Discord to echo the message, and makes an object of all its components: 170 us a press.


async def _respond(ticket: Ticket, message: Message, hidden: bool) -> None:
    await _call_back(ticket, _MESSAGE, {**_body(message), "flags": _flags(hidden)}, message.files)


async def _update(ticket: Ticket, message: Message, _: bool) -> None:
    await _call_back(ticket, _CHANGE, _body(message), message.files)


async def _complete(ticket: Ticket, message: Message, _: bool) -> None:
    route = Route("PATCH", _ORIGINAL, webhook_id=ticket.application, webhook_token=ticket.token)
    await _request(ticket, route, _body(message), message.files)


async def _follow(ticket: Ticket, message: Message, hidden: bool) -> None:
    route = Route("POST", _FURTHER, webhook_id=ticket.application, webhook_token=ticket.token)
    # Only a message that was waited for is sure to stand above the next one.
    await _request(ticket, route, {**_body(message), "flags": _flags(hidden)}, message.files, wait=1, with_components=1)


async def _call_back(ticket: Ticket, kind: int, data: Json | None, files: Sequence[File] = ()) -> None:
    route = Route("POST", _CALLBACK, webhook_id=ticket.id, webhook_token=ticket.token)
    await _request(ticket, route, {"type": kind} if data is None else {"type": kind, "data": data}, files)


async def _request(ticket: Ticket, route: Route, body: dict[str, Any], files: Sequence[File], **params: Any) -> None:
    http = ticket.http
    sent = [_file(file) for file in files]
    await async_context.get().request(
        route,
        http._HTTPClient__session,  # noqa: SLF001  # as discord.py's own interactions do
        proxy=http.proxy,
        proxy_auth=http.proxy_auth,
        payload=None if sent else body,
        multipart=_form(body, sent) if sent else None,
        files=sent or None,
        params=params or None,
    )


def _body(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = {"components": list(message.rows), "allowed_mentions": _NOBODY}
    if message.text is not None:
        body["content"] = message.text
    if message.files:
        body["attachments"] = [
            {"id": at, "filename": file.name, **({"description": _alt(file)} if file.alt else {})}
            for at, file in enumerate(message.files)
        ]
    return body


def _flags(hidden: bool) -> int:
    return _NO_PREVIEW | EPHEMERAL if hidden else _NO_PREVIEW


def _form(body: dict[str, Any], files: Sequence[discord.File]) -> list[dict[str, Any]]:
    """The body as a form with the files in it."""
    form: list[dict[str, Any]] = [{"name": "payload_json", "value": json.dumps(body)}]
    for at, file in enumerate(files):
        form.append({"name": f"files[{at}]", "value": file.fp, "filename": file.filename, "content_type": _BYTES})
    return form


def _file(file: File) -> discord.File:
    return discord.File(io.BytesIO(file.data), filename=file.name, description=_alt(file) or None)


def _alt(file: File) -> str:
    return fit.label(file.alt, LONGEST_ALT)


def _now() -> float:
    return asyncio.get_running_loop().time()


_MADE: dict[Verb, Callable[[Ticket, Message, bool], Awaitable[None]]] = {
    Verb.RESPOND: _respond,
    Verb.UPDATE: _update,
    Verb.COMPLETE: _complete,
    Verb.FOLLOW: _follow,
}
