"""A Bot API server over HTTP, on a free port of this machine: for a bot in this process or any other.

It checks each request on its own terms (checks.py), keeps what Telegram would know (world.py), and fails when told to
(faults.py). What is wrong with a request is refused as Telegram does, and recorded; leaving the server then fails the test.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import re
import time
from collections.abc import Callable, Mapping
from functools import partial
from types import TracebackType
from typing import Any, NamedTuple, Self

from aiohttp import web

from tests.telegram.asked import NAMES, Asked, Refused, read
from tests.telegram.checks import check
from tests.telegram.faults import Fault, Planned, refusal
from tests.telegram.hook import Porter, Push
from tests.telegram.methods import TABLE
from tests.telegram.people import Channel, Group, Person
from tests.telegram.updates import Poll
from tests.telegram.world import Chat, World

TOKEN = "123456:" + "A" * 35
LARGEST_REQUEST = 64 << 20
_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{10,}")
NOT_FOUND = "Not Found"


class Call(NamedTuple):
    """One request other than a poll, as it arrived. `chat`: also of an answered press, where it was made."""

    method: str
    chat: int | None
    at: float
    params: Mapping[str, Any]


class Refusal(NamedTuple):
    """A request that was right in form, but out of step with the state: a message not modified, a chat that is blocked."""

    method: str
    code: int
    description: str


class BotApi(World):
    """`async with BotApi() as api`, then give the bot `api.base_url` and `api.token`.

    With `strict`, leaving it raises AssertionError if anything was violated.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "closer_test_bot",
        strict: bool = True,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(bot=int(token.partition(":")[0]), username=username, now=now)
        self.token, self.strict = token, strict
        self.violations: list[str] = []
        self.refusals: list[Refusal] = []
        self.calls: list[Call] = []
        self._planned: list[Planned] = []
        self._porter = Porter(self)
        self._port = 0

    # -- who talks ------------------------------------------------------------------------------------------------

    def person(
        self,
        *,
        id: int,
        language_code: str | None = "en",
        first_name: str = "Somebody",
        username: str | None = None,
        known: bool = False,
    ) -> Person:
        """Somebody new. `known`: they have written to the bot before, so it may write first."""
        return Person(self, id=id, language_code=language_code, first_name=first_name, username=username, known=known)

    def group(self, id: int, title: str = "A group") -> Group:
        """A group with the bot in it; its id is negative."""
        return Group(self, id=id, title=title)

    def channel(self, id: int, title: str = "A channel") -> Channel:
        """A channel with the bot in it; its id is negative."""
        return Channel(self, id=id, title=title)

    def push(self, update: dict[str, Any], *, chat: int | None = None) -> int:
        """Any update, as it stands; its id is added unless it has one."""
        return self.updates.push(update, chat)

    def redeliver(self, update: int) -> None:
        """An update that may be acknowledged already, once more."""
        self.updates.redeliver(update)

    def expire(self) -> None:
        """From now on it is too late to answer any press made so far."""
        for query in self.queries.values():
            query.old = True

    # -- what fails -----------------------------------------------------------------------------------------------

    def fail(self, method: str | None = None, *, chat: int | None = None, times: float = 1, with_: Fault) -> Planned:
        """Let the next requests that match fail so. Without a method, all but getUpdates match; `.end()` calls it off."""
        if method and method.lower() not in NAMES:
            raise ValueError("no such method: see METHODS in asked.py")
        planned = Planned(fault=with_, method=method, chat=chat, left=times)
        self._planned.append(planned)
        return planned

    # -- looking and waiting --------------------------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        """What a bot is told instead of https://api.telegram.org."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def polls(self) -> list[Poll]:
        """Each getUpdates: when it came, and what it asked for."""
        return self.updates.polls

    @property
    def pushes(self) -> list[Push]:
        """Each attempt to bring an update to the webhook."""
        return self._porter.pushes

    @property
    def pending(self) -> list[int]:
        """The updates that are not acknowledged."""
        return sorted(self.updates.waiting)

    def counted(self, chat: Chat | Person | None = None) -> list[str]:
        """The methods called so far (about this chat), in order."""
        return [call.method for call in self.calls if chat is None or call.chat == chat.id]

    async def until(self, predicate: Callable[[], Any], timeout: float = 10) -> Any:  # noqa: ASYNC109 - reads best so
        """Wait until this is true, looking again at each change, and return what it is. Raises AssertionError after so long."""
        try:
            return await self.pulse.until(predicate, timeout)
        except TimeoutError:
            seen = f"{len(self.calls)} calls, {len(self.pending)} updates pending, violations: {self.violations}"
            raise AssertionError(f"did not come within {timeout} s ({seen})") from None

    async def settle(self, who: Person | Group | Chat | None = None, timeout: float = 10) -> None:  # noqa: ASYNC109 - reads best so
        """Wait until every update (about this chat) is acknowledged or taken by the webhook."""
        chat = None if who is None else who if isinstance(who, Chat) else who.chat
        about = (lambda each: True) if chat is None else (lambda each: each.chat == chat.id)
        await self.until(lambda: not any(map(about, self.updates.waiting.values())), timeout)

    # -- serving --------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        for verb in ("GET", "POST"):
            app.router.add_route(verb, "/bot{token}/{method}", self._called)
        app.router.add_route("*", "/{rest:.*}", self._elsewhere)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._porting = asyncio.create_task(self._porter.run())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.updates.closed = True
        self.pulse.beat()
        self._porting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._porting
        await self._runner.cleanup()
        if kind is None and self.strict and self.violations:
            raise AssertionError(f"the Bot API was used wrongly: {self.violations}")

    async def _called(self, request: web.Request) -> web.Response:
        if fault := self._badge(request):
            return fault
        method = NAMES.get(request.match_info["method"].lower())
        if method is None:
            self._violated("a method that this server does not have")
            return refusal(404, NOT_FOUND)
        try:
            asked = await read(request, method)
            return await self._met(request, asked)
        except Refused as refused:
            return self._refused(method, refused)
        except Exception as error:
            # Otherwise a fault of this server would look like one of Telegram's to the bot, and to nobody else.
            self._violated(f"{method}: the test server failed with {type(error).__name__}")
            raise

    async def _met(self, request: web.Request, asked: Asked) -> web.Response:
        chat = self.chat_of(asked)
        if asked.method != "getUpdates":
            self.calls.append(Call(method=asked.method, chat=chat, at=time.monotonic(), params=asked.params))
        self.pulse.beat()
        check(asked)
        carry = partial(self._carry_out, asked)
        planned = next((each for each in self._planned if each.meets(asked.method, chat)), None)
        if planned is None:
            return await carry()
        planned.left -= 1
        self.pulse.beat()
        return await planned.fault.answer(request, carry)

    async def _carry_out(self, asked: Asked) -> web.Response:
        result = TABLE[asked.method](self, asked)
        if inspect.isawaitable(result):
            result = await result
        return web.json_response({"ok": True, "result": result})

    def _refused(self, method: str, refused: Refused) -> web.Response:
        if refused.wrong:
            self._violated(f"{method}: {refused.rule}")
        else:
            self.refusals.append(Refusal(method, refused.code, refused.description))
        self.pulse.beat()
        return refusal(refused.code, refused.description, **refused.parameters)

    def _violated(self, what: str) -> None:
        self.violations.append(what)
        self.pulse.beat()

    def _badge(self, request: web.Request) -> web.Response | None:
        token = request.match_info["token"]
        if not _TOKEN.fullmatch(token):
            return refusal(404, NOT_FOUND)
        return None if token == self.token else refusal(401, "Unauthorized")

    async def _download(self, request: web.Request) -> web.Response:
        if fault := self._badge(request):
            return fault
        file = self.files.get(request.match_info["path"].removeprefix("files/"))
        return refusal(404, NOT_FOUND) if file is None else web.Response(body=file.data)

    async def _elsewhere(self, request: web.Request) -> web.Response:
        self._violated("an address that is none of the Bot API's")
        return refusal(404, NOT_FOUND)
