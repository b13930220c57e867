"""What the client works with once the store is open: the core, its words, the seals of its buttons; and a little memory.

Of anybody it holds at most the locale of their app, where that is not the default one.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.content.render import Bubble
from bot.platforms.core import Core
from bot.platforms.discord import outbound
from bot.platforms.discord.inbound import OWN, Act, Inbound, Stranger, Write, address
from bot.platforms.discord.outbound import Json, Message, Seals
from bot.platforms.discord.words import Words
from bot.platforms.token import PURPOSE, Press, Tokens

# Of how many people it is remembered: then the oldest make room.
REMEMBERED = 20_000
# How many people are expected to be at it at the same time.
AT_ONCE = 512


class Desk:
    """Turns what comes in into acts, and what is to be said into messages."""

    __slots__ = ("_locales", "_people", "core", "inbound", "tokens", "words")

    def __init__(self, core: Core) -> None:
        self.core, self.words = core, Words(core.library)
        self.tokens = Tokens(core.store.secret(PURPOSE))
        self._people: dict[int, bytes] = {}
        self._locales: dict[int, str] = {}
        self.inbound = Inbound(opens=self.opens, locale=self._locales.get)

    # -- who ------------------------------------------------------------------------------------------------------

    def person(self, user: int) -> bytes:
        """The store's own name for this user. A turn asks several times, and soon after each other."""
        person = self._people.get(user)
        if person is None:
            if len(self._people) >= AT_ONCE:
                self._people.clear()
            person = self._people[user] = self.core.store.person(address(user))
        return person

    def opens(self, user: int, token: str) -> Press | None:
        """What a token means for this user."""
        return self.tokens.open(self.person(user), token)

    def seals(self, user: int) -> Seals:
        """Seals for this user."""
        person = self.person(user)
        return lambda turn, kept: self.tokens.sealer(person, turn=turn, kept=kept)

    def heard(self, act: Act) -> None:
        """Words typed as a direct message come without a locale: they are answered in that of the app's last press."""
        self._locales.pop(act.user, None)
        if self.words.language(act.event.language) != self.words.language(None):
            self._locales[act.user] = str(act.event.language)
            if len(self._locales) > REMEMBERED:
                del self._locales[next(iter(self._locales))]

    # -- what -----------------------------------------------------------------------------------------------------

    def shown(self, user: int, bubbles: Sequence[Bubble], *, hidden: bool) -> tuple[Message, ...]:
        """A reply as messages to this user."""
        return outbound.messages(bubbles, self.seals(user), self.words.labels(bubbles[-1].language), hidden=hidden)

    def greeting(self, wish: Stranger) -> Message:
        """What somebody sees who pressed what is not theirs."""
        text, label = (self.words.text(wish.language, f"discord.stranger.{part}") for part in ("text", "button"))
        return outbound.stranger(text, label, self.seals(wish.user)(0, False)(OWN))

    def form(self, wish: Write) -> Json:
        """The modal to type into; bound to the turn that it was opened from."""
        title, label = (self.words.text(wish.language, f"discord.write.{part}") for part in ("title", "label"))
        token = self.seals(wish.user)(wish.turn, wish.kept)("")
        return outbound.form(token, title, label)
