"""The way out: makes the calls of a plan, each until it is through, and remembers which message has a chat's buttons.

What an error means stands in `_MEANS`, a table; waiting and trying again is here. Never a word of a message in a log.
"""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.content.render import Bubble
from bot.log import log
from bot.platforms.asides import Asides
from bot.platforms.core import ServiceError
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.inbound import Pressed
from bot.platforms.telegram.limiter import seconds
from bot.platforms.telegram.outbound import Call, Seal, instead, plan
from bot.ports import Unreachable

SCREENS = 20_000
LONGEST_WAIT = 60.0
# What a 400 says, in part and in lower case, and what is to be done about it.
DONE, AGAIN, PLAIN, GONE = "done", "again", "plain", "gone"
_MEANS = (
    ("message is not modified", DONE),
    ("query is too old", DONE),
    ("query id is invalid", DONE),
    ("message to edit not found", AGAIN),
    ("message can't be edited", AGAIN),
    ("message_id_invalid", AGAIN),
    ("can't parse entities", PLAIN),
    ("chat not found", GONE),
    ("user is deactivated", GONE),
    ("peer_id_invalid", GONE),
)


@dataclass(slots=True)
class Patience:
    """Until when (loop time) a delivery is tried. May be prolonged while it is under way."""

    until: float


class Undelivered(Exception):
    """Patience ran out, or Telegram will not take this message whatever is done."""


class Courier:
    """Delivers replies to chats; `asides` is whatever is done beside that."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._screens: OrderedDict[int, Pressed] = OrderedDict()
        self.asides = Asides()

    async def deliver(
        self, chat: int, bubbles: Sequence[Bubble], seal: Seal, *, pressed: Pressed | None, patience: Patience
    ) -> None:
        """Show a reply. Raises Unreachable, Undelivered or ServiceError."""
        todo = plan(chat, bubbles, seal, pressed=pressed, screen=self._screens.get(chat))
        for call in todo.asides:
            self.aside(call)
        for call in todo.shows:
            await self.make(chat, call, patience)

    async def make(self, chat: int, call: Call, patience: Patience) -> None:
        """Make one call, until it is through."""
        for wait in waits():
            try:
                self._note(chat, call, await self._api.make(call))
            except RetryAfter as error:
                await _sleep(max(seconds(error), 0.05), patience)
            except (Forbidden, InvalidToken, BadRequest) as error:
                other = otherwise(call, error)
                if other is None:
                    return
                call = other
            except NetworkError:
                await _sleep(wait, patience)
            except TelegramError as error:
                raise Undelivered(type(error).__name__) from None
            else:
                return

    def aside(self, call: Call) -> None:
        """Make a call whose success nobody waits for."""
        self.asides.begin(self._try(call))

    def forget(self, chat: int) -> None:
        """Nothing is known any more of what this chat shows."""
        self._screens.pop(chat, None)

    async def _try(self, call: Call) -> None:
        try:
            await self._api.make(call)
        except TelegramError as error:
            log("debug", "telegram_aside_failed", method=call.method, kind=type(error).__name__)

    def _note(self, chat: int, call: Call, answer: Any) -> None:
        """Remember the message that has this chat's buttons now."""
        if not call.buttons or call.method not in {"sendMessage", "editMessageText"}:
            return
        number = call.params.get("message_id") or answer["message_id"]
        self._screens[chat] = Pressed(message=number, kept=call.kept)
        self._screens.move_to_end(chat)
        if len(self._screens) > SCREENS:
            self._screens.popitem(last=False)


def otherwise(call: Call, error: TelegramError) -> Call | None:
    """What to call instead; None where the aim is reached already. Raises what cannot be helped."""
    if isinstance(error, Forbidden):
        raise Unreachable from None
    if isinstance(error, InvalidToken):
        raise refused() from None
    said = error.message.lower()
    meaning = next((meaning for part, meaning in _MEANS if part in said), None)
    if meaning == DONE:
        return None
    if meaning == GONE:
        raise Unreachable from None
    if meaning == AGAIN and call.method == "editMessageText":
        return instead(call)
    if meaning == PLAIN and "parse_mode" in call.params:
        log("error", "telegram_markup_refused", remedy="look at the Markdown of the words that were added last")
        params = {name: value for name, value in call.params.items() if name != "parse_mode"}
        return Call(method=call.method, params=params, kept=call.kept)
    log("warning", "telegram_refused", method=call.method)
    if call.method == "sendPhoto":
        # The words beside it say the same, and are worth more.
        return None
    raise Undelivered("BadRequest") from None


def refused() -> ServiceError:
    """What ends the service where Telegram does not know its token."""
    return ServiceError("Telegram refuses the token: set TELEGRAM_BOT_TOKEN to the one that BotFather shows, then start again.")


async def _sleep(wait: float, patience: Patience) -> None:
    if asyncio.get_running_loop().time() + wait > patience.until:
        raise Undelivered("patience")
    await asyncio.sleep(wait)


def waits() -> Iterator[float]:
    """Seconds between attempts: doubling up to a minute, each anywhere in its upper half, so that not all come at once."""
    wait = 0.25
    while True:
        yield wait * random.uniform(0.5, 1.0)  # noqa: S311  # spreads load; nothing depends on nobody guessing it
        wait = min(wait * 2, LONGEST_WAIT)
