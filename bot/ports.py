"""The two borders of the core: where a conversation is kept, and how its replies leave.

Protocols, the values that cross them, and the errors that both sides agree on. No behaviour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol, TypeAlias

from bot.conversation.facts import Consent


class StoreError(Exception):
    """The store cannot do this. The message says what is wrong and what to do about it, and holds no personal data."""


class NoKey(StoreError):
    """There is no key yet: none is needed so far, and none is to be made."""


class Conflict(StoreError):
    """Somebody else wrote this person's session since it was loaded, or erased it: load again and redo the turn."""


class Unreachable(Exception):
    """The platform says that this person can no longer be written to."""


class GivenUp(Exception):
    """A message was not delivered in its time. `perhaps`: it may have arrived all the same, so do not send it again."""

    def __init__(self, *, perhaps: bool) -> None:
        super().__init__("it may have arrived" if perhaps else "it was not delivered")
        self.perhaps = perhaps


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Where a person is: the platform's name, and the id by which it knows them (never logged)."""

    platform: str
    user: str

    def __repr__(self) -> str:
        return f"Address(platform={self.platform!r}, user=…)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What the store holds for the next turn of one person. `session` is None where progress is not consented to.

    `away`: a nudge could not reach them; they have written nothing since.
    """

    session: bytes | None
    version: int
    consents: tuple[Consent, ...]
    away: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One finished thing worth keeping (an exploration's result): `kind`, when, and its content as plain JSON values."""

    kind: str
    at: datetime
    content: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Nudging:
    """What is stored for somebody's nudges: `plan` and `past` as bytes (JSON), and when the next is due (aware).

    `due` None: nothing is to come. `version` is one more than the one loaded (1 where there was none).
    """

    plan: bytes = field(repr=False)
    past: bytes = field(repr=False)
    due: datetime | None
    version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """Somebody whose moment has come: since when, and their plan in this version. What leaving takes besides: `Store.reach`."""

    person: bytes = field(repr=False)
    plan: bytes = field(repr=False)
    since: datetime
    version: int


State: TypeAlias = Literal["claimed", "sent", "failed", "skipped"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One moment taken: it was `seen` as due, and the `next` is due then. `day` (an ordinal) and `slot` name the delivery.

    `state`: "claimed" for one that is going to be sent now, "skipped" for one that is not.
    """

    person: bytes = field(repr=False)
    seen: datetime
    version: int
    next: datetime | None
    day: int
    slot: int
    state: State


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How the nudges stand, in numbers only. `subscribers` by how they are (`due` in the future, `overdue`, `paused` with
    nothing to come, `away`), `deliveries` by state. A claimed one older than the sending takes was lost in a crash.
    """

    subscribers: Mapping[str, int]
    deliveries: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What one turn changes, committed as a whole or not at all.

    `version` is one more than the version loaded (1 for a person not stored before).
    `consents` None leaves them as they are; otherwise it is the whole new set, and an empty one erases the person.
    `session` None keeps no session (a person who consented to something else only).
    Entries are kept for the purposes agreed to (`bot.conversation.effects.purpose_of`): without one, none of its kinds stay.
    `dropped` are the ids of entries that go.
    `nudging` None leaves what is stored of what is sent by itself as it is. Nothing of it stays where `silent` is set, where no
    consent stays that anything could be sent for, and where the one to nudges goes and no other `nudging` takes its place.
    To write it ends `away`.
    """

    session: bytes | None
    version: int
    consents: tuple[Consent, ...] | None = None
    entries: tuple[Entry, ...] = ()
    dropped: tuple[str, ...] = ()
    nudging: Nudging | None = None
    silent: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """How often something was shown in a year (UTC): `kind` is what (see `bot.conversation.effects`), `category` why."""

    year: int
    kind: str
    category: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """A reply that is not delivered yet: whose (`person` is the keyed hash), which one, and its bytes as they were given."""

    address: Address = field(repr=False)
    person: bytes = field(repr=False)
    id: bytes
    reply: bytes = field(repr=False)


class Store(Protocol):
    """Everything durable. Implemented by `storage.store.SqlStore`; every method may raise StoreError.

    `batches`: how often so many turns were written in one commit, since the store was opened.
    """

    @property
    def batches(self) -> Mapping[int, int]:
        """Pure and quick."""

    def person(self, address: Address) -> bytes:
        """The keyed hash that stands for this address in the store. Pure and quick."""

    def secret(self, purpose: str) -> bytes:
        """32 bytes for this purpose alone: the same as long as the key is in use, others under another. Pure and quick.

        Raises ValueError for a purpose that the store keeps to itself.
        """

    async def load(self, person: bytes) -> Record | None:
        """What is kept of this person, or None."""

    async def commit(self, person: bytes, address: Address, change: Change) -> None:
        """Make one turn's change durable. Raises Conflict where `version` does not follow the stored one."""

    async def erase(self, person: bytes) -> bool:
        """Remove every byte about this person, also from the write-ahead log. True if there was anything."""

    async def export(self, person: bytes) -> Mapping[str, Any] | None:
        """All that is stored of this person as JSON-ready values, decrypted; None if nothing is."""

    async def entries(self, person: bytes) -> Sequence[Mapping[str, Any]]:
        """What this person kept, the oldest first: each its `id`, `kind`, `at` (ISO 8601 in UTC) and `content`."""

    async def owe(self, person: bytes, reply: bytes) -> bytes | None:
        """Note durably that this reply is still to be delivered, and return its id for `settle`.

        None where this person does not consent to progress: then nothing is written. Where a person is owed very many
        replies, the oldest makes room.
        """

    async def owed(self, platform: str) -> tuple[Owed, ...]:
        """Every reply that is owed on this platform, the oldest first; meant for the start of the program.

        A reply that cannot be read any more is left out and settled.
        """

    async def settle(self, person: bytes, id: bytes) -> None:  # noqa: A002 - what `owe` calls it
        """This reply is delivered, or given up. An id that is not known does nothing."""

    async def nudging(self, person: bytes) -> Nudging | None:
        """What is stored for this person's nudges, or None."""

    async def due(self, platform: str, now: datetime, most: int) -> Sequence[Due]:
        """Whose moment has come on this platform, the longest due first, so many at most. One whose plan cannot be read is left
        out and gets nothing more.
        """

    async def reach(self, person: bytes) -> tuple[Address, Nudging] | None:
        """Where this person is written to, and what is stored for their nudges; None where there is nothing, or nothing that
        can be read.
        """

    async def claim(self, claims: Sequence[Claim]) -> Sequence[bool]:
        """Take these moments, all in one commit: each is ours (True) where it was still due as seen, in that version, and that
        person's day and slot had no delivery; then the delivery is recorded and the version one more. False: somebody else's.

        Where only the day and slot were taken already, the person's next moment is set all the same.
        """

    async def record(self, person: bytes, nudging: Nudging, *, day: int, slot: int, state: State) -> None:
        """Write how a claimed one went, with the plan and the past after it. Raises Conflict where `version` does not follow:
        load again and redo it.
        """

    async def away(self, person: bytes, *, day: int, slot: int) -> None:
        """This person cannot be reached: nothing is due any more, and that delivery failed."""

    async def counts(self, now: datetime, since: date) -> Counts:
        """How the nudges stand, deliveries since that day."""

    async def forget_deliveries(self, before: date) -> int:
        """Remove the records of deliveries before that day; how many there were."""

    async def forget_idle(self, before_month: int) -> int:
        """Erase those whose last turn was in a month before that one, as `erase` does; how many there were.

        Months are counted since the year 0, in UTC: November 2026 is 2026 * 12 + 10.
        """

    async def tally(self, counts: Sequence[Tally]) -> None:
        """Add these to the yearly counts, all or none. They belong to nobody, and outlast every erasure."""

    async def tallies(self) -> tuple[Tally, ...]:
        """All yearly counts, by year, kind and category."""

    async def close(self) -> None:
        """Finish what is under way and let go of the files."""


class Courier(Protocol):
    """One platform's way out to people who have not asked just now. `name` is the platform's."""

    name: str

    async def deliver(self, to: Address, bubbles: Sequence[Any], within: float) -> None:
        """Show these bubbles at most once, within so many seconds. Raises Unreachable or GivenUp."""
