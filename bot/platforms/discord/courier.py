"""The way out: makes the calls of a plan through discord.py, and says in a table what Discord's errors mean.

discord.py itself waits where it is asked to (429) and tries server errors again; here is what is left after that. Never a
word of a message, an id or a token in a log.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from typing import Any, TypeAlias

import aiohttp
import discord
from discord.webhook.async_ import async_context, interaction_response_params

from bot.log import log
from bot.platforms.discord.inbound import How
from bot.platforms.discord.outbound import Call, Json, Message, Verb, calls
from bot.ports import Unreachable

# Seconds: until a turn is taken for slow; in which Discord wants an answer (3), and for which it takes further ones (900).
SLOW, PROMPT, LATE = 1.5, 2.8, 880.0
# Seconds between attempts after a fault that may pass.
WAITS = (0.2, 0.6, 1.5, 4.0)

# https://discord.com/developers/docs/resources/message#message-object-message-flags
_HIDDEN, _NO_PREVIEW = 1 << 6, 1 << 2
_NOBODY: dict[str, list[str]] = {"parse": []}

Interaction: TypeAlias = "discord.Interaction[Any]"


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


class Reply:
    """The answer to one interaction. Begin it when the interaction comes: Discord's clock runs from there."""

    __slots__ = ("_begun", "_deferring", "_hidden", "_how", "_interaction")

    def __init__(self, interaction: Interaction, how: How, *, hidden: bool) -> None:
        self._interaction, self._how, self._hidden = interaction, how, hidden
        self._begun = _now()
        self._deferring: asyncio.Task[bool] | None = None

    def defer(self) -> None:
        """Tell Discord that it takes longer."""
        if self._deferring is None:
            self._deferring = asyncio.create_task(self._defer())

    async def give(self, shown: Sequence[Message], left: tuple[Json, ...] = ()) -> bool:
        """Show these messages. False where not all of them could be shown, which is logged."""
        deferred = self._deferring is not None and await self._deferring
        try:
            await self._give(shown, left, deferred=deferred)
        except Lost as error:
            log("warning", "reply_lost", platform="discord", kind=error.meaning.value)
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
        await attempt(lambda: _MADE[call.verb](self._interaction, call.message, self._hidden), end)

    async def _defer(self) -> bool:
        new = self._how is How.NEW
        try:
            await self._interaction.response.defer(ephemeral=self._hidden and new, thinking=new)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log("warning", "not_deferred", platform="discord", kind=meant(error).value)
            return meant(error) is Meaning.DONE
        return True


async def send(channel: discord.abc.Messageable, shown: Sequence[Message]) -> None:
    """Send these messages to a channel of direct messages. Raises Unreachable or Lost."""
    end = _now() + LATE
    for message in shown:
        try:
            await attempt(lambda message=message: _sent(channel, message), end)  # type: ignore[misc]
        except Lost as error:
            if error.meaning is Meaning.UNREACHABLE:
                raise Unreachable from None
            raise


async def attempt(work: Callable[[], Awaitable[object]], end: float) -> None:
    """Do this until it is done, but not past `end` (loop time). Raises Lost."""
    for wait in (*WAITS, None):
        try:
            await work()
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
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


async def _respond(interaction: Interaction, message: Message, hidden: bool) -> None:
    if message.files:
        await interaction.response.send_message(
            message.text, view=_screen(message), files=_files(message), ephemeral=hidden, suppress_embeds=True
        )
    else:
        flags = _HIDDEN | _NO_PREVIEW if hidden else _NO_PREVIEW
        await _call_back(interaction, 4, {"content": message.text, "components": message.rows, "flags": flags})


async def _update(interaction: Interaction, message: Message, _: bool) -> None:
    if message.files:
        await interaction.response.edit_message(**_changes(message))
    else:
        words = {} if message.text is None else {"content": message.text}
        await _call_back(interaction, 7, {**words, "components": message.rows})


async def _call_back(interaction: Interaction, kind: int, data: dict[str, Any]) -> None:
    """The call that nearly every answer is, by the same way as discord.py's own; that makes a View and parses the echo."""
    http = interaction._state.http  # noqa: SLF001  # what discord.py's own responses use
    await async_context.get().create_interaction_response(
        interaction.id,
        interaction.token,
        session=interaction._session,  # noqa: SLF001
        proxy=http.proxy,
        proxy_auth=http.proxy_auth,
        params=interaction_response_params(kind, {**data, "allowed_mentions": _NOBODY}),
    )


async def _complete(interaction: Interaction, message: Message, _: bool) -> None:
    await interaction.edit_original_response(**_changes(message))


async def _follow(interaction: Interaction, message: Message, hidden: bool) -> None:
    await interaction.followup.send(
        message.text or "", view=_screen(message), files=_files(message), ephemeral=hidden, suppress_embeds=True, wait=True
    )


async def _sent(channel: discord.abc.Messageable, message: Message) -> None:
    await channel.send(message.text, view=_screen(message), files=_files(message), suppress_embeds=True)


def _changes(message: Message) -> dict[str, Any]:
    changes: dict[str, Any] = {"view": Screen(message.rows)}
    if message.text is not None:
        changes["content"] = message.text
    if message.files:
        changes["attachments"] = _files(message)
    return changes


def _screen(message: Message) -> Any:
    return Screen(message.rows) if message.rows else discord.utils.MISSING


def _files(message: Message) -> Any:
    if not message.files:
        return discord.utils.MISSING
    return [discord.File(io.BytesIO(file.data), filename=file.name) for file in message.files]


def _now() -> float:
    return asyncio.get_running_loop().time()


_MADE: dict[Verb, Callable[[Interaction, Message, bool], Awaitable[None]]] = {
    Verb.RESPOND: _respond,
    Verb.UPDATE: _update,
    Verb.COMPLETE: _complete,
    Verb.FOLLOW: _follow,
}
