"""The client: hears Discord, takes turns, answers. discord.py keeps no view, message or member of anybody for it.

Whatever is pressed, and whenever, tells itself what it is: after a restart or a month the same button works.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, cast

import aiohttp
import discord

from bot.content.render import Bubble
from bot.log import log
from bot.platforms.asides import Asides, UnderWay
from bot.platforms.core import Core
from bot.platforms.discord import commands, outbound
from bot.platforms.discord.courier import FAULTS, SLOW, Lost, Reply, Ticket, meant, send, ticket
from bot.platforms.discord.desk import Desk
from bot.platforms.discord.inbound import PLATFORM, Act, How, Json, Mail, Stranger, Write, address
from bot.platforms.discord.quiet import hush
from bot.platforms.discord.unasked import Unasked
from bot.ports import Address, Unreachable

INTENTS = discord.Intents(guilds=True, dm_messages=True)
# Seconds to finish turns at the end; then to say goodbye to Discord, which may not answer.
LAST_ORDERS, GOODBYE = 8.0, 1.0


class CloserClient(discord.AutoShardedClient):
    """One bot. `begin` opens what it talks with when it logs in, `end` lets go of that; `tell` is told where to install it.

    `trace` follows discord.py's calls.
    """

    def __init__(
        self,
        begin: Callable[[], Awaitable[Core]],
        *,
        end: Callable[[], Awaitable[None]] | None = None,
        tell: Callable[[str], None] = lambda _: None,
        shard_count: int = 1,
        shard_ids: Sequence[int] = (),
        trace: aiohttp.TraceConfig | None = None,
    ) -> None:
        super().__init__(
            intents=INTENTS,
            allowed_mentions=discord.AllowedMentions.none(),
            shard_count=shard_count,
            # discord.py takes None for all of them, and does not say so in its types.
            shard_ids=cast(list[int], list(shard_ids) or None),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            # Seconds for which the list of servers is waited for, of which nothing is kept. Two by default: half of a start.
            guild_ready_timeout=0.2,
            http_trace=cast(aiohttp.TraceConfig, trace),  # takes None for none, and does not say so either
        )
        # Interactions are taken as they come: inbound says why.
        state: Any = self._connection
        state.parsers["INTERACTION_CREATE"] = state.parse_interaction_create = self._arrive
        self._begin, self._end, self._tell = begin, end, tell
        self._desk: Desk | None = None
        self._unasked = Unasked()
        self._under_way = UnderWay()
        self._stopping = False
        self._asides = Asides()
        self._cut_off: set[int] = set()

    @property
    def desk(self) -> Desk:
        """Raises RuntimeError before the client has logged in."""
        if self._desk is None:
            raise RuntimeError("log in first")
        return self._desk

    @property
    def install_links(self) -> dict[str, str]:
        """Where this bot is added to a server, and where to one's own account; known once it has logged in.

        Two, as the scope `bot` is for servers alone: https://discord.com/developers/docs/topics/oauth2
        """
        link, (server, account) = partial(discord.utils.oauth_url, self.application_id or 0), commands.INSTALLS
        own = link(scopes=("applications.commands",))
        bot = link(scopes=("bot", "applications.commands"), permissions=discord.Permissions.none())
        return {"server": f"{bot}&integration_type={server}", "account": f"{own}&integration_type={account}"}

    @property
    def connected(self) -> bool:
        """Whether all shards are connected, or have been and are again."""
        return self.is_ready() and not self._cut_off

    async def on_shard_disconnect(self, shard: int) -> None:
        """discord.py lost a shard's connection, and takes it up again."""
        self._cut_off.add(shard)

    async def on_shard_ready(self, shard: int) -> None:
        """A shard is there, anew."""
        self._cut_off.discard(shard)

    async def on_shard_resumed(self, shard: int) -> None:
        """A shard is there again."""
        self._cut_off.discard(shard)

    # -- beginning and end ----------------------------------------------------------------------------------------

    async def setup_hook(self) -> None:
        """Open the store, and see that Discord has our commands. Raises what opening raises."""
        hush()
        self._desk = Desk(await self._begin())
        self._tell(self.desk.words.text(None, "discord.install").format(**self.install_links))
        try:
            log("info", "menu_synced", platform=PLATFORM, changed=await self._sync())
        except discord.HTTPException as error:
            log("warning", "menu_not_synced", platform=PLATFORM, status=error.status, code=error.code)

    async def finish(self, seconds: float = LAST_ORDERS) -> None:
        """Take nothing new; wait until what is under way is answered, so many seconds at most."""
        self._stopping = True
        await self._under_way.over(seconds)

    async def close(self) -> None:
        """Finish, then let go of the network and of what was opened."""
        await self.finish()
        # One that never logged in has no queue of shards to end; by then there is nothing left to end.
        with contextlib.suppress(AttributeError):
            try:
                async with asyncio.timeout(GOODBYE):
                    await super().close()
            except TimeoutError:
                await self.http.close()
        end, self._end = self._end, None
        if end is not None:
            await end()

    async def _sync(self) -> bool:
        """Tell Discord our commands where it has others. discord.py's own way of asking leaves out other languages."""
        core, app = self.desk.core, self.application_id or 0
        wanted = commands.menu(core.library, core.commands, [locale.value for locale in discord.Locale])
        route = discord.http.Route("GET", "/applications/{application_id}/commands", application_id=app)
        if commands.same(await self.http.request(route, params={"with_localizations": "true"}), wanted):
            return False
        await self.http.bulk_upsert_global_commands(app, payload=wanted)
        return True

    # -- hearing --------------------------------------------------------------------------------------------------

    def _arrive(self, event: Json) -> None:
        """A command, a press, a selection, or words from a form."""
        self._asides.begin(self._count(self._see, event))

    async def on_message(self, message: discord.Message) -> None:
        """Words in somebody's direct messages with the bot."""
        await self._count(self._hear, message)

    async def on_error(self, event_method: str, /, *_: Any, **__: Any) -> None:
        """A fault that nothing else caught. What it says might quote somebody: only where it was is told."""
        log("error", "event_failed", platform=PLATFORM, where=event_method)

    async def _count(self, work: Callable[[Any], Awaitable[None]], what: Any) -> None:
        if self._stopping or self._desk is None:
            return
        with self._under_way.one():
            try:
                await work(what)
            except Exception:  # noqa: BLE001 - whatever it is, it ends here, and says where it was
                await self.on_error(work.__name__)

    async def _see(self, event: Json) -> None:
        what = self.desk.inbound.read(event)
        if what is not None:
            await _SEEN[type(what)](self, ticket(self.http, event), what)

    async def _hear(self, message: discord.Message) -> None:
        act = self.desk.inbound.message(message)
        if act is None:
            return
        bubbles = await self._turn(act, partial(self._type, message.channel))
        await self._send(message.channel, self.desk.shown(act.user, bubbles, hidden=False))

    # -- answering ------------------------------------------------------------------------------------------------

    async def _act(self, to: Ticket, act: Act) -> None:
        reply = Reply(to, act.how, hidden=act.hidden)
        self.desk.heard(act)
        bubbles = await self._turn(act, reply.defer)
        well = await reply.give(self.desk.shown(act.user, bubbles, hidden=act.hidden), act.left)
        self.desk.core.count("deliveries", PLATFORM, "delivered" if well else "given_up")

    async def _turn(self, act: Act, late: Callable[[], None]) -> Sequence[Bubble]:
        return await self.desk.core.answer(address(act.user), act.event, slow=SLOW, late=late)

    async def _write(self, to: Ticket, wish: Write) -> None:
        await Reply(to, How.NEW, hidden=True).ask(self.desk.form(wish))

    async def _mail(self, to: Ticket, wish: Mail) -> None:
        """A copy as a direct message: only ever because somebody pressed for it."""
        reply = Reply(to, How.NEW, hidden=wish.hidden)
        slow = asyncio.get_running_loop().call_later(SLOW, reply.defer)
        try:
            well = await self._to(wish.user, (outbound.Message(text=wish.text),))
        finally:
            slow.cancel()
        text = self.desk.words.text(wish.language, f"discord.mail.{'sent' if well else 'failed'}")
        await reply.give((outbound.note(text),))

    async def _greet(self, to: Ticket, wish: Stranger) -> None:
        await Reply(to, How.NEW, hidden=wish.hidden).give((self.desk.greeting(wish),))

    # -- direct messages ------------------------------------------------------------------------------------------

    async def deliver(self, to: Address, bubbles: Sequence[Bubble], within: float) -> None:
        """Show these to somebody who has not asked just now. See `bot.ports.Courier`."""
        user = int(to.user)
        shown = self.desk.shown(user, bubbles, hidden=False)
        with self._under_way.one():
            await self._unasked.deliver(partial(self.create_dm, discord.Object(user)), shown, within)

    async def _to(self, user: int, shown: Sequence[outbound.Message]) -> bool:
        try:
            channel = await self.create_dm(discord.Object(user))
        except FAULTS as error:
            log("info", "no_direct_messages", platform=PLATFORM, kind=meant(error).value)
            return False
        return await self._send(channel, shown)

    async def _send(self, channel: discord.abc.Messageable, shown: Sequence[outbound.Message]) -> bool:
        try:
            await send(channel, shown)
        except Unreachable:
            self.desk.core.count("deliveries", PLATFORM, "unreachable")
            log("info", "unreachable", platform=PLATFORM)
            return False
        except Lost as error:
            self.desk.core.count("deliveries", PLATFORM, "given_up")
            log("warning", "reply_lost", platform=PLATFORM, kind=error.meaning.value)
            return False
        self.desk.core.count("deliveries", PLATFORM, "delivered")
        return True

    def _type(self, channel: discord.abc.Messageable) -> None:
        """Show that an answer is on its way."""
        self._asides.begin(self._typing(channel))

    async def _typing(self, channel: discord.abc.Messageable) -> None:
        try:
            await channel.typing()
        except FAULTS as error:
            log("debug", "aside_failed", platform=PLATFORM, kind=meant(error).value)


_SEEN: dict[type, Callable[[CloserClient, Ticket, Any], Awaitable[None]]] = {
    Act: CloserClient._act,  # noqa: SLF001  # a table of its own answers
    Write: CloserClient._write,  # noqa: SLF001
    Mail: CloserClient._mail,  # noqa: SLF001
    Stranger: CloserClient._greet,  # noqa: SLF001
}
