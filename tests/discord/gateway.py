"""A Discord over real HTTP and a real WebSocket, as far as Closer meets one: it drops, resumes, forgets and refuses.

discord.py connects to it by its own code. Events of a session are kept, and sent again to who resumes it:
https://discord.com/developers/docs/events/gateway
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.discord.raw import ME, message, user

TOKEN = "an-invented-token"
APPLICATION = {
    "id": "1", "name": "Closer", "description": "", "icon": None, "bot_public": True, "bot_require_code_grant": False,
    "owner": user(2), "verify_key": "", "flags": 0,
}  # fmt: skip
DISPATCH, BEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
BAD_TOKEN = 4004
CUT = "cut"
# What answers an interaction, of what is called back; the others only promise an answer.
ANSWERS = frozenset({4, 7})


@dataclass(kw_only=True)
class Session:
    """What the gateway knows of one client: everything that was for it, and where it is connected, if it is."""

    name: str
    events: list[dict[str, Any]] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None

    def add(self, name: str, data: Any) -> dict[str, Any]:
        event = {"op": DISPATCH, "t": name, "s": len(self.events) + 1, "d": data}
        self.events.append(event)
        return event


@dataclass(kw_only=True)
class FakeDiscord:
    """The server and all that it knows.

    While `open` is clear, answers that came in wait to be confirmed; so many `faults` of them turn out to have been lost.
    `letters`: what arrived in direct messages that nobody had asked for just then, by person.
    """

    base: str = ""
    address: str = ""
    sessions: dict[str, Session] = field(default_factory=dict)
    identified: list[dict[str, Any]] = field(default_factory=list)
    resumed: list[tuple[str, int]] = field(default_factory=list)
    beats: list[int | None] = field(default_factory=list)
    promised: list[str] = field(default_factory=list)
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    commands: list[dict[str, Any]] = field(default_factory=list)
    faults: int = 0
    arrived: list[str] = field(default_factory=list)
    letters: dict[str, list[str]] = field(default_factory=dict)
    refused: int = 0
    away: bool = False
    turned_away: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _numbers: Any = field(default_factory=lambda: itertools.count(1_000))

    # -- what happens -------------------------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        return list(self.sessions.values())[-1]

    def connected(self) -> bool:
        return bool(self.sessions) and self.session.socket is not None

    async def until(self, ready: Callable[[], Any], seconds: float = 30) -> None:
        """Wait until this is true, looking whenever something happened."""
        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(ready)

    async def push(self, event: dict[str, Any]) -> str:
        """Somebody does something: told at once where the client is connected, else when it resumes. Returns its id."""
        name = str(next(self._numbers))
        sent = self.session.add("INTERACTION_CREATE", {**event, "id": name, "token": f"token-{name}"})
        if self.session.socket is not None:
            await self.session.socket.send_json(sent)
        return name

    def lose(self) -> web.WebSocketResponse:
        """From now on nothing that is sent arrives, and neither side knows."""
        socket, self.session.socket = self.session.socket, None
        assert socket is not None
        return socket

    async def drop(self, how: int | str, socket: web.WebSocketResponse | None = None) -> None:
        """Break the connection: by opcode 7, by a code of closing, or without a word."""
        socket = socket or self.lose()
        if how == RECONNECT:
            await socket.send_json({"op": RECONNECT, "d": None})
        elif how == CUT:
            assert socket._req is not None
            assert socket._req.transport is not None
            socket._req.transport.abort()
        else:
            await socket.close(code=int(how))

    def forget(self) -> None:
        """Know of no session any more: what was for it is lost."""
        self.sessions.clear()

    # -- the gateway --------------------------------------------------------------------------------------------------

    async def connect(self, request: web.Request) -> web.StreamResponse:
        if self.away:
            self.turned_away += 1
            await self._notify()
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": 41_250}})
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                packet = json.loads(frame.data)
                await _HEARD[packet["op"]](self, socket, packet["d"])
                await self._notify()
        for session in self.sessions.values():
            if session.socket is socket:
                session.socket = None
        return socket

    async def _beat(self, socket: web.WebSocketResponse, number: int | None) -> None:
        self.beats.append(number)
        await socket.send_json({"op": ACK})

    async def _identify(self, socket: web.WebSocketResponse, said: dict[str, Any]) -> None:
        self.identified.append(said)
        if said["token"] != TOKEN:
            await socket.close(code=BAD_TOKEN)
            return
        session = Session(name=f"session-{len(self.identified)}", socket=socket)
        self.sessions[session.name] = session
        ready = {
            "v": 10, "user": ME, "guilds": [], "session_id": session.name, "resume_gateway_url": f"{self.address}/again",
            "shard": said["shard"], "application": {"id": "1", "flags": 0},
        }  # fmt: skip
        await socket.send_json(session.add("READY", ready))

    async def _resume(self, socket: web.WebSocketResponse, said: dict[str, Any]) -> None:
        self.resumed.append((said["session_id"], said["seq"]))
        session = self.sessions.get(said["session_id"])
        if session is None or said["token"] != TOKEN:
            await socket.send_json({"op": INVALID, "d": False})
            return
        for event in session.events[said["seq"] :]:
            await socket.send_json(event)
        await socket.send_json(session.add("RESUMED", {}))
        session.socket = socket

    # -- what the bot asks --------------------------------------------------------------------------------------------

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """discord.py's login, and the menu."""
        if request.headers.get("Authorization") != f"Bot {TOKEN}":
            self.refused += 1
            await self._notify()
            return _json({"message": "401: Unauthorized", "code": 0}, status=401)
        if request.method == "PUT":
            self.commands = [{**command, "id": str(n)} for n, command in enumerate(await request.json())]
        known = {"/users/@me": ME, "/oauth2/applications/@me": APPLICATION, "/applications/1/commands": self.commands}
        return _json(known[request.path.removeprefix("/api")])

    async def called_back(self, request: web.Request) -> web.StreamResponse:
        """The first answer to an interaction, or the promise of one."""
        name, body = request.match_info["id"], await request.json()
        if request.match_info["token"] != f"token-{name}":
            return await self._refused("a callback without its token", 404, 10015)
        if name in self.answers or name in self.promised:
            return await self._refused("a second callback", 400, 40060)
        if body["type"] in ANSWERS:
            return await self._take(name, body["data"])
        self.promised.append(name)
        await self._notify()
        return web.Response(status=204)

    async def followed(self, request: web.Request) -> web.StreamResponse:
        """A promised answer, or another message after the first."""
        name = request.match_info["token"].removeprefix("token-")
        if name not in self.answers and name not in self.promised:
            return await self._refused("a message before the first", 404, 10015)
        return await self._take(name, await request.json())

    async def written_to(self, request: web.Request) -> web.StreamResponse:
        """Direct messages with somebody are opened. Here they have the number of the person."""
        who = (await request.json())["recipient_id"]
        return _json({"id": str(who), "type": 1, "last_message_id": None, "recipients": [user(int(who))]})

    async def lettered(self, request: web.Request) -> web.StreamResponse:
        """A message to a person, which has arrived even where nobody is told so."""
        who, body = request.match_info["who"], await request.json()
        self.letters.setdefault(who, []).append(body["content"])
        await self._notify()
        await self.open.wait()
        return _json({**message(), "channel_id": who, "content": body["content"]})

    async def _take(self, name: str, body: dict[str, Any]) -> web.Response:
        self.arrived.append(name)
        await self._notify()
        await self.open.wait()
        if self.faults:
            self.faults -= 1
            return _json({"message": "no healthy upstream", "code": 0}, status=503)
        self.answers.setdefault(name, []).append(body)
        await self._notify()
        return _json({"id": "50"})

    async def _refused(self, violation: str, status: int, code: int) -> web.Response:
        self.violations.append(violation)
        await self._notify()
        return _json({"message": violation, "code": code}, status=status)

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()


def _json(body: Any, status: int = 200) -> web.Response:
    # discord.py reads nothing as JSON that names a charset.
    return web.Response(body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json"})


_HEARD: dict[int, Callable[[FakeDiscord, web.WebSocketResponse, Any], Awaitable[None]]] = {
    BEAT: FakeDiscord._beat,
    IDENTIFY: FakeDiscord._identify,
    RESUME: FakeDiscord._resume,
}


@asynccontextmanager
async def fake_discord() -> AsyncIterator[FakeDiscord]:
    """A server on a free port. Fails at its end where an interaction was answered twice, or too early."""
    fake = FakeDiscord()
    fake.open.set()
    application = web.Application()
    application.router.add_get("/gateway", fake.connect)
    application.router.add_get("/gateway/again", fake.connect)
    application.router.add_post("/api/interactions/{id}/{token}/callback", fake.called_back)
    application.router.add_patch("/api/webhooks/1/{token}/messages/@original", fake.followed)
    application.router.add_post("/api/webhooks/1/{token}", fake.followed)
    application.router.add_post("/api/users/@me/channels", fake.written_to)
    application.router.add_post("/api/channels/{who}/messages", fake.lettered)
    application.router.add_route("*", "/api/{rest:.*}", fake.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    where = "127.0.0.1:{1}".format(*runner.addresses[0])
    fake.base, fake.address = f"http://{where}/api", f"ws://{where}/gateway"
    try:
        yield fake
    finally:
        await runner.cleanup()
    assert not fake.violations, fake.violations
