"""One turn: assess -> lock -> load -> read -> advance -> commit -> render. The reply leaves after the commit.

Everything that decides is elsewhere and pure; this file only puts it in order, and keeps what it kept promises about:
nothing is stored without consent, and a redelivered event counts once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import Any, NamedTuple, TypeVar

from bot.content.library import DEFAULT, Library
from bot.content.render import Bubble, File, attached, render
from bot.conversation.advance import MINOR, advance, prompt_of, trouble
from bot.conversation.book import Book
from bot.conversation.effects import BELIEVED, Clear, Drop, Effect, Erase, Export, Keep, Put, purpose_of
from bot.conversation.events import Alarmed, Called, Event, Sent, Tapped, Typed
from bot.conversation.facts import ENTRIES, NUDGES, PROGRESS, Consent, Facts, Paper, Wanted
from bot.conversation.session import Session, UnreadableSession
from bot.conversation.walk import Turn
from bot.counting import Counting
from bot.export import copies, described
from bot.log import log
from bot.memory import Memory
from bot.meter import TROUBLE, Meter, kind_of
from bot.packing import decode, dumps, encode, loads
from bot.pictures.studio import Studio
from bot.ports import Address, Change, Conflict, Entry, Nudging, Store, StoreError
from bot.reading import Reader
from bot.turns import Turns
from bot.understanding.crisis import assess

ATTEMPTS = 3
# After a person's hash, in the memory: their session, of whom something other than it is stored.
STORED_TOO = b"+"
Result = TypeVar("Result")


class Held(NamedTuple):
    """What is known of one person between two turns. `version` 0: the store holds nothing of them."""

    session: Session | None
    version: int
    consents: tuple[Consent, ...]
    away: bool = False


class Heard(NamedTuple):
    """What a person did, and what the safety check made of it: the same, or an alarm. `checked`: whether it could look.
    `begun`: when it came (perf_counter), where turns are measured.
    """

    said: Event
    event: Event
    checked: bool = True
    begun: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a runtime is made of. `reaching`: the platforms on which people can be written to first. `keeps`: for how
    many months after their last message, which is told to them; 0 for ever. `studio` None: no pictures are drawn. `meter` None:
    nothing is measured.
    """

    book: Book
    library: Library
    reader: Reader
    store: Store
    memory: Memory
    studio: Studio | None = None
    cached: int = 2_000
    reaching: frozenset[str] = frozenset()
    keeps: int = 12
    meter: Meter | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


class Runtime:
    """Runs turns. One for the whole process, whatever the platforms."""

    def __init__(self, parts: Parts) -> None:
        self.book, self.library, self.reader = parts.book, parts.library, parts.reader
        self.store, self.memory, self.clock = parts.store, parts.memory, parts.clock
        self._turns = Turns()
        self.meter = parts.meter
        self._counting = Counting(parts.store)
        self._known: OrderedDict[bytes, Held] = OrderedDict()
        self._most = parts.cached
        self._reaching, self._keeps = parts.reaching, parts.keeps
        self._studio = parts.studio

    async def turn(self, address: Address, event: Event) -> tuple[Bubble, ...]:
        """The reply to one event, after everything about it is durable. Never raises for what a person may send."""
        language = self.library.spoken(event.language) or DEFAULT
        begun = 0.0 if self.meter is None else perf_counter()
        heard = hear(event, language, begun)
        try:
            person = self.store.person(address)
            async with self._turns.of(person):
                return await self._attempts(person, address, heard, language)
        except StoreError as error:
            log("error", "store_failed", kind=type(error).__name__, remedy=str(error))
            if self.meter is not None:
                self.meter.add("store_failures")
                self.meter.turn(address.platform, TROUBLE, perf_counter() - begun)
            return self._without_store(address, heard.event, language)

    async def forget_idle(self, before_month: int) -> int:
        """Erase who last wrote before that month, as `Store.forget_idle` does, in memory too; how many there were."""
        gone = await self.store.forget_idle(before_month)
        if gone:
            # Whoever is here still is read again from the store.
            self._known.clear()
        return gone

    @property
    def held(self) -> tuple[int, int]:
        """How many sessions are in memory: of people who are not remembered, and of those who are."""
        return len(self.memory), len(self._known)

    async def close(self) -> None:
        """Write what is still to be counted, then close the store."""
        await self._counting.finish()
        await self.store.close()

    async def _attempts(self, person: bytes, address: Address, heard: Heard, hint: str) -> tuple[Bubble, ...]:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._once(person, address, heard, hint)
            except Conflict:
                # Another process wrote this person's session: see what it wrote, and take the turn again from there.
                self._known.pop(person, None)
                self.memory.drop(person)
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    async def _once(self, person: bytes, address: Address, heard: Heard, hint: str) -> tuple[Bubble, ...]:
        now = self.clock()
        held = await self._load(person, now)
        language = self._language(held.session, hint)
        if language != hint and heard.event is heard.said:
            heard = hear(heard.said, language, heard.begun)
        event = heard.said if _heard_already(heard.event, held.session, self.book) else heard.event
        facts = Facts(
            now=now,
            platform=address.platform,
            consents=held.consents,
            languages=self.library.languages,
            language=language,
            unchecked=not heard.checked,
            reaches=address.platform in self._reaching,
            away=held.away,
            keeps=self._keeps,
        )
        try:
            turn = self._advanced(held.session, event, facts)
        except Wanted as wanted:
            turn = await self._given(person, facts, wanted.paper, partial(self._advanced, held.session, event))
        language = self._language(turn.session, hint)
        files = await self._commit(person, address, held, turn, language)
        if turn.effects:
            self._counting.note(turn.effects, now)
            files = (*files, *attached(turn.effects, self.library, language))
            if self._studio is not None:
                files = (*files, *await self._studio.pictures(turn.effects, language))
        bubbles = render(turn, self.library, language, files)
        if self.meter is not None:
            self.meter.turn(address.platform, kind_of(event, held.session, self.book), perf_counter() - heard.begun)
        return bubbles

    def _advanced(self, session: Session | None, event: Event, facts: Facts) -> Turn:
        if isinstance(event, Typed) and session is not None:
            event = self._meaning(session, event, facts)
        return advance(self.book, session, event, facts)

    def _meaning(self, session: Session, typed: Typed, facts: Facts) -> Event:
        if typed.turn not in {None, session.turn}:
            # Words for a question that has passed are no answer to the one that came after it.
            return Sent(id=typed.id, language=typed.language, what="stale")
        return self.reader.event(typed, prompt_of(self.book, session, facts).prompt, facts.language, facts.now)

    async def _given(self, person: bytes, facts: Facts, wanted: str, work: Callable[[Facts], Result]) -> Result:
        """The result of a pure piece of work that wants a paper, done again with each that it turns out to want."""
        while True:
            facts = facts.with_paper(wanted, await self._paper(person, wanted))
            try:
                return work(facts)
            except Wanted as another:
                wanted = another.paper

    # -- what is kept ---------------------------------------------------------------------------------------------

    async def _load(self, person: bytes, now: datetime) -> Held:
        held = self._known.get(person)
        if held is not None:
            self._known.move_to_end(person)
            return held
        packed = self.memory.get(person, int(now.timestamp()))
        if packed is not None:
            return Held(_unpacked(packed), 0, ())
        record = await self.store.load(person)
        if record is None:
            return Held(None, 0, ())
        # Who agreed to something else than progress has their session in memory, as those have who agreed to nothing.
        packed = record.session or self.memory.get(person + STORED_TOO, int(now.timestamp()))
        return Held(_unpacked(packed) if packed else None, record.version, record.consents, record.away)

    async def _paper(self, person: bytes, name: str) -> Paper | None:
        if name == ENTRIES:
            return {"entries": await self.store.entries(person)}
        if name != NUDGES:
            raise AssertionError(f"no paper is called so: {name}")
        stored = await self.store.nudging(person)
        if stored is None:
            return None
        return {"plan": _read(stored.plan), "past": _read(stored.past), "due": stored.due, "version": stored.version}

    async def _commit(self, person: bytes, address: Address, held: Held, turn: Turn, language: str) -> tuple[File, ...]:
        """Make the turn durable where the person asked for it; otherwise keep it in memory."""
        effects, consents = turn.effects, turn.facts.consents
        if held.version and (not consents or _holds(effects, Erase)):
            await self.store.erase(person)
            held = Held(held.session, 0, ())
        if not consents:
            self._remember(person, turn)
        else:
            await self._store(person, address, held, turn)
        if _holds(effects, Export):
            return await self._copies(person, turn, language)
        return ()

    async def _store(self, person: bytes, address: Address, held: Held, turn: Turn) -> None:
        consents = turn.facts.consents
        progress = turn.facts.consent(PROGRESS) is not None
        change = Change(
            session=encode(turn.session) if progress else None,
            version=held.version + 1,
            consents=None if consents == held.consents else consents,
            entries=_entries(turn),
            dropped=tuple(effect.entry for effect in turn.effects if isinstance(effect, Drop)),
            nudging=_nudging(turn),
            silent=isinstance(_last_paper(turn), Clear),
        )
        # Also where nothing of it is kept: that somebody was here decides how long the rest of theirs is (RETENTION_MONTHS).
        await self.store.commit(person, address, change)
        if not progress:
            self._remember(person, turn, STORED_TOO)
            return
        if not held.version or change.consents is not None:
            self._forget(person)
        self._known[person] = Held(turn.session, change.version, consents)
        self._known.move_to_end(person)
        while len(self._known) > self._most:
            self._known.popitem(last=False)

    def _remember(self, person: bytes, turn: Turn, mark: bytes = b"") -> None:
        """Keep the session in memory only."""
        self._forget(person)
        self.memory.put(person + mark, encode(turn.session), int(turn.facts.now.timestamp()))

    def _forget(self, person: bytes) -> None:
        self._known.pop(person, None)
        self.memory.drop(person)
        self.memory.drop(person + STORED_TOO)

    async def _copies(self, person: bytes, turn: Turn, language: str) -> tuple[File, ...]:
        session = described(turn.session, self.book, self.library, language)
        stored = await self.store.export(person) if turn.facts.consents else None
        if stored is None or stored.get("session") is None:
            return copies(stored, session, turn.facts.now)
        return copies({**stored, "session": session}, None, turn.facts.now)

    # -- saying it ------------------------------------------------------------------------------------------------

    def _language(self, session: Session | None, hint: str) -> str:
        chosen = session.marks.get("language") if session is not None else None
        return chosen if chosen in self.library.languages else hint

    def _without_store(self, address: Address, event: Event, language: str) -> tuple[Bubble, ...]:
        """The store failed and nothing of this turn was kept. Help does not depend on it; anything else says so."""
        facts = Facts(now=self.clock(), platform=address.platform, languages=self.library.languages)
        help_asked_for = (isinstance(event, Called) and event.command == "sos") or (
            isinstance(event, Tapped) and event.key == ":sos"
        )
        if isinstance(event, Alarmed) or help_asked_for:
            turn = advance(self.book, None, event, facts)
            self._counting.note(turn.effects, facts.now)
            return render(turn, self.library, language)
        return render(trouble(self.book, facts), self.library, language)


def hear(event: Event, language: str, begun: float = 0.0) -> Heard:
    """The event after the safety check. Where the check itself fails the conversation goes on, and help is pointed to."""
    try:
        return Heard(event, alarmed(event, language), begun=begun)
    except Exception as error:  # noqa: BLE001 - a fault in the check must never silence anybody
        log("error", "check_failed", kind=type(error).__name__)
        return Heard(event, event, checked=False, begun=begun)


def alarmed(event: Event, language: str) -> Event:
    """The event itself, or the alarm that its words give reason for. Before anything else reads them."""
    if not isinstance(event, Typed | Sent) or not event.text:
        return event
    found = assess(event.text, language)
    if found.tier == "none":
        return event
    return Alarmed(id=event.id, language=event.language, tier=found.tier, category=found.category, also=tuple(found.also))


def _heard_already(event: Event, session: Session | None, book: Book) -> bool:
    """Whether this alarm is about nothing but the age, of somebody who is being asked for it, or was and is an adult."""
    if not isinstance(event, Alarmed) or event.category != MINOR or event.also or session is None or not session.open:
        return False
    place = session.frames.get(session.open[-1])
    asked = place is not None and f"{place.dialog}/{place.step}" == book.places.alarms[event.tier, MINOR]
    return asked or session.marks.get("age") == BELIEVED


def _entries(turn: Turn) -> tuple[Entry, ...]:
    """What this turn keeps: nothing without the consent to keep it."""
    if not _holds(turn.effects, Keep):
        return ()
    kept = (effect for effect in turn.effects if isinstance(effect, Keep) and turn.facts.consent(purpose_of(effect.kind)))
    return tuple(Entry(kind=each.kind, at=turn.facts.now, content=each.content) for each in kept)


def _nudging(turn: Turn) -> Nudging | None:
    """What this turn makes of the person's nudges; None where it leaves them as they are."""
    last = _last_paper(turn)
    paper = turn.facts.paper(NUDGES) if isinstance(last, Put) else None
    if paper is None or not isinstance(last, Put):
        return None
    return Nudging(
        plan=dumps(paper["plan"]),
        past=dumps(paper["past"]),
        due=last.due,
        version=paper.get("version", 0) + 1,
    )


def _last_paper(turn: Turn) -> Put | Clear | None:
    """What becomes of what is sent to this person by itself; None where it stays as it is."""
    return next((effect for effect in reversed(turn.effects) if isinstance(effect, Put | Clear)), None)


def _read(data: bytes) -> Any:
    try:
        return loads(data)
    except ValueError:
        log("warning", "nudges_unreadable")
        return None


def _holds(effects: tuple[Effect, ...], kind: type[Effect]) -> bool:
    # Most turns have none: those pay for no more than this look.
    return bool(effects) and any(isinstance(effect, kind) for effect in effects)


def _unpacked(data: bytes) -> Session | None:
    try:
        return decode(data)
    except UnreadableSession:
        log("warning", "session_unreadable")
        return None
