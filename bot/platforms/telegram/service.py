"""Telegram being served: fetches updates, or is handed them by a webhook, and gives each to its chat.

An own loop over getUpdates: python-telegram-bot's Updater tells Telegram to forget what is merely queued.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from aiohttp.web import Request, Response
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.content.render import Bubble
from bot.log import log
from bot.platforms.core import Core, ServiceError
from bot.platforms.telegram import menu
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.chats import PATIENCE, PLATFORM, Chats
from bot.platforms.telegram.courier import Courier, Patience, Undelivered, refused
from bot.platforms.telegram.inbound import WANTED, Act, Gone, Inbound, Wish
from bot.platforms.telegram.ledger import Ledger
from bot.platforms.telegram.limiter import seconds
from bot.platforms.telegram.outbound import invitation, nod
from bot.platforms.telegram.unasked import Unasked
from bot.platforms.token import PURPOSE, Tokens
from bot.platforms.web import Route
from bot.ports import Address, StoreError, Unreachable

# Seconds: between polls while an update is still under way; between attempts after a fault; to finish turns at the end.
TICK, FIRST_PAUSE, LONGEST_PAUSE = 0.5, 0.5, 15.0
LAST_ORDERS = 8.0


class Telegram:
    """Serves one bot. `hook` is the public address to which Telegram shall post; without it updates are fetched.

    `tell` is told, in a line for the operator, that people can write now. Not `hears`: it only sends what is to be sent to
    people who have not asked just now; what they write is another process's, of which there is one.
    """

    name = PLATFORM

    def __init__(
        self,
        core: Core,
        api: Api,
        *,
        hook: str | None = None,
        secret: str = "",
        hears: bool = True,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._core, self._api, self._secret, self._tell = core, api, secret, tell
        self._hears, self._hook = hears, hook if hears else None
        self._courier = Courier(api)
        self._tokens = Tokens(core.store.secret(PURPOSE))
        self._chats = Chats(core, self._courier, self._tokens, self._fail)
        self._unasked = Unasked(api, self._chats, self._fail)
        self._inbound = Inbound(commands=core.commands, opens=self._chats.opens)
        self._ledger = Ledger()
        self._stopping = asyncio.Event()
        self._fault: ServiceError | None = None
        self.connected = False

    async def run(self) -> None:
        """Serve until `stop`. Raises ServiceError where the token is refused."""
        try:
            await self._begin()
            fetches = self._hears and not self._hook
            serving = asyncio.create_task(self._poll() if fetches else self._stopping.wait())
            stopping = asyncio.create_task(self._stopping.wait())
            await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            serving.cancel()
            await asyncio.wait((serving,))
            await self._end()
        finally:
            self.connected = False
            await self._api.close_connections()
        if self._fault:
            raise self._fault

    async def stop(self) -> None:
        """Take no further updates; `run` returns once the turns under way are finished."""
        self._stopping.set()

    async def deliver(self, to: Address, bubbles: Sequence[Bubble], within: float) -> None:
        """Show these to somebody who has not asked just now, once this is served. See `bot.ports.Courier`."""
        await self._unasked.deliver(int(to.user), bubbles, within)

    async def handed(self, update: Mapping[str, Any]) -> bool:
        """See to an update that a webhook brought. True once it is settled, False where it should be brought again."""
        if self._stopping.is_set():
            return False
        settled = asyncio.Event()
        self._see(update, settled.set, lambda: None)
        await settled.wait()
        return True

    def routes(self) -> tuple[Route, ...]:
        """What the web server answers for it: the webhook's address, if there is one."""
        return (Route(method="POST", path=urlsplit(self._hook).path or "/", handler=self._posted),) if self._hook else ()

    async def _posted(self, request: Request) -> Response:
        """One update, brought by Telegram; it is told that all is well only once the update is settled."""
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), self._secret.encode()):
            return Response(status=HTTPStatus.FORBIDDEN)
        update = parsed(await request.read())
        if update is None:
            return Response(status=HTTPStatus.BAD_REQUEST)
        return Response(status=HTTPStatus.OK if await self.handed(update) else HTTPStatus.SERVICE_UNAVAILABLE)

    # -- beginning and end ----------------------------------------------------------------------------------------

    async def _begin(self) -> None:
        if self._hears:
            await self._resume()
        await self._insist(self._connect)
        self._unasked.open()
        if self._hears:
            self._courier.asides.begin(self._present())

    async def _resume(self) -> None:
        try:
            self._chats.resume(await self._core.store.owed(PLATFORM))
        except StoreError as error:
            log("error", "store_failed", kind=type(error).__name__, remedy=str(error))

    async def _connect(self) -> None:
        me = await self._api.call("getMe")
        self._inbound = Inbound(commands=self._core.commands, opens=self._chats.opens, name=me.get("username", ""))
        if not self._hears:
            log("info", "sending_only", platform=PLATFORM)
            return
        if self._hook:
            wanted = {"url": self._hook, "secret_token": self._secret, "allowed_updates": list(WANTED)}
            await self._api.call("setWebhook", wanted)
        else:
            # One that was set before would keep updates from us; those that wait there are not dropped.
            await self._api.call("deleteWebhook", {"drop_pending_updates": False})
        log("info", "serving", platform=PLATFORM, webhook=bool(self._hook))
        self._tell(f"Telegram: serving https://t.me/{self._inbound.name}")

    async def _present(self) -> None:
        try:
            changed = await menu.sync(self._api, self._core.library, self._core.commands)
            log("info", "menu_synced", platform=PLATFORM, changed=changed)
        except TelegramError as error:
            log("warning", "menu_not_synced", platform=PLATFORM, kind=type(error).__name__)

    async def _end(self) -> None:
        await asyncio.gather(self._chats.finish(LAST_ORDERS), self._unasked.finish(LAST_ORDERS))
        if not self._hook and self._ledger.offset is not None and not self._fault:
            # What is answered now would be sent again at the next start, and answered again.
            try:
                async with asyncio.timeout(1):
                    await self._api.updates(self._ledger.offset, WANTED, wait=False)
            except (TelegramError, TimeoutError) as error:
                log("info", "last_updates_unacknowledged", kind=type(error).__name__)

    def _fail(self, fault: ServiceError) -> None:
        self._fault = fault
        self._stopping.set()

    # -- fetching -------------------------------------------------------------------------------------------------

    async def _poll(self) -> None:
        while not self._stopping.is_set():
            await self._insist(self._fetch)

    async def _fetch(self) -> None:
        idle, offset = self._ledger.idle, self._ledger.offset
        updates = {update["update_id"]: update for update in await self._api.updates(offset, WANTED, wait=idle)}
        for number in self._ledger.arrived(updates, offset):
            self._see(updates[number], partial(self._ledger.done, number), partial(self._ledger.late, number))
        # An offset that has not moved is answered at once: while something is under way there is no hurry.
        await self._ledger.calm(TICK)

    async def _insist(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do this until it succeeds, more and more slowly. A refused token ends the service."""
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                await work()
            except InvalidToken:
                self._fail(refused())
            except TelegramError as error:
                self.connected = False
                pause = self._pause(error, pause)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)
            else:
                self.connected = True
                return

    def _pause(self, error: TelegramError, before: float) -> float:
        if isinstance(error, RetryAfter):
            return seconds(error)
        if isinstance(error, Conflict):
            log(
                "error",
                "second_instance",
                platform=PLATFORM,
                remedy="Another program fetches this bot's updates: stop the other one, or give each a bot of its own.",
            )
        else:
            log("warning", "telegram_unavailable", kind=type(error).__name__)
        return min(before * 2, LONGEST_PAUSE)

    # -- seeing to one --------------------------------------------------------------------------------------------

    def _see(self, update: Mapping[str, Any], settled: Callable[[], None], late: Callable[[], None]) -> None:
        try:
            what = self._inbound.read(update)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            log("warning", "update_unreadable", platform=PLATFORM, kind=type(error).__name__)
            what = None
        if isinstance(what, Act):
            self._chats.take(what, settled, late)
            return
        if isinstance(what, Wish):
            self._courier.asides.begin(self._invite(what))
        elif isinstance(what, Gone):
            self._courier.forget(what.chat)
        elif isinstance(query := update.get("callback_query"), dict) and "id" in query:
            # A press that is nobody's act is answered too, or its button would seem to hang.
            self._courier.aside(nod(query["id"]))
        settled()

    async def _invite(self, wish: Wish) -> None:
        library = self._core.library
        language = library.spoken(wish.language) or library.languages[0]
        text, label = (library.text(language, f"telegram.group.{part}") for part in ("text", "button"))
        address = f"https://t.me/{self._inbound.name}?start=why"
        call = invitation(wish.chat, text, label, address, wish.thread)
        try:
            await self._courier.make(wish.chat, call, Patience(asyncio.get_running_loop().time() + PATIENCE))
        except (Unreachable, Undelivered, ServiceError) as error:
            log("info", "invitation_failed", kind=type(error).__name__)


def parsed(body: bytes) -> Mapping[str, Any] | None:
    """The update in a webhook's request, or None where it holds none."""
    try:
        update = json.loads(body)
    except ValueError:
        return None
    return update if isinstance(update, dict) and isinstance(update.get("update_id"), int) else None
