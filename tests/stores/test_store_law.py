"""Any order of turns, consents, withdrawals and erasures leaves the store equal to a dictionary."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.conversation.facts import CHECKINS, NUDGES, PROGRESS, Consent
from bot.ports import Address, Change, Conflict, Entry, Nudging
from storage.keys import KeySource
from storage.store import SqlStore, open_store

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the dictionary holds of one person."""

    session: bytes | None
    version: int
    purposes: frozenset[str]
    entries: int
    owed: tuple[bytes, ...] = ()
    nudging: Nudging | None = None
    away: bool = False


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One thing done to the store: a turn, a reply owed or settled, an erasure, or closing and opening it."""

    who: str
    act: str
    session: bytes | None
    ahead: int
    purposes: frozenset[str] | None
    entries: int
    nudges: bool
    silent: bool


DEEDS = st.lists(
    st.builds(
        Deed,
        who=st.sampled_from("abc"),
        act=st.sampled_from(["turn", "turn", "turn", "turn", "owe", "owe", "settle", "away", "erase", "reopen"]),
        session=st.none() | st.binary(max_size=40),
        ahead=st.sampled_from([1, 1, 1, 1, 0, 2]),
        purposes=st.none() | st.frozensets(st.sampled_from([PROGRESS, NUDGES, CHECKINS])),
        entries=st.sampled_from([0, 0, 1, 2]),
        nudges=st.booleans(),
        silent=st.sampled_from([False, False, False, True]),
    ),
    max_size=12,
)


def expected(before: Known | None, deed: Deed) -> Known | None:
    """The dictionary's answer to a turn. Raises Conflict as the store must."""
    if deed.ahead != 1 or (before is None and deed.purposes is None):
        raise Conflict
    known = before or Known(session=None, version=0, purposes=frozenset(), entries=0)
    purposes = known.purposes if deed.purposes is None else deed.purposes
    if not purposes:
        return None
    known = replace(known, version=known.version + 1, purposes=purposes)
    # A yes to nudges that is taken back takes all with it, but for what the same turn puts in its place.
    stopped = before is not None and NUDGES in before.purposes and NUDGES not in purposes and not deed.nudges
    if deed.silent or stopped:
        known = replace(known, nudging=None, away=False)
    elif deed.nudges:
        known = replace(known, nudging=following(known, deed), away=False)
    if PROGRESS not in purposes:
        return replace(known, session=None, entries=0, owed=())
    return replace(known, session=deed.session, entries=known.entries + deed.entries)


def following(before: Known | None, deed: Deed) -> Nudging:
    """What this deed makes of the nudges."""
    version = before.nudging.version + 1 if before is not None and before.nudging is not None else 1
    return Nudging(plan=deed.session or b"", past=b"", due=NOW, version=version)


async def turn(store: SqlStore, before: Known | None, deed: Deed) -> None:
    address = Address(platform="terminal", user=deed.who)
    given_ = deed.purposes
    consents = None if given_ is None else tuple(Consent(purpose=each, version=1, at=NOW) for each in given_)
    version = (before.version if before else 0) + deed.ahead
    entries = tuple(Entry(kind="result", at=NOW, content={}) for _ in range(deed.entries))
    nudging = following(before, deed) if deed.nudges else None
    change = Change(
        session=deed.session, version=version, consents=consents, entries=entries, nudging=nudging, silent=deed.silent
    )
    await store.commit(store.person(address), address, change)


async def held(store: SqlStore, who: str) -> Known | None:
    person = store.person(Address(platform="terminal", user=who))
    record, exported = await store.load(person), await store.export(person)
    assert (record is None) == (exported is None)
    if record is None or exported is None:
        return None
    purposes = frozenset(consent.purpose for consent in record.consents)
    owed = tuple(each.reply for each in await store.owed("terminal") if each.person == person)
    assert len(exported["owed"]) == len(owed)
    nudging = await store.nudging(person)
    assert (exported["nudges"] is None) == (nudging is None)
    due = [each for each in await store.due("terminal", NOW, 9) if each.person == person]
    comes = nudging is not None and nudging.due is not None
    assert [(each.plan, each.since, each.version) for each in due] == (
        [(nudging.plan, nudging.due, nudging.version)] if nudging is not None and comes else []
    )
    assert await store.reach(person) == (None if nudging is None else (Address(platform="terminal", user=who), nudging))
    return Known(
        session=record.session,
        version=record.version,
        purposes=purposes,
        entries=len(exported["entries"]),
        owed=owed,
        nudging=nudging,
        away=record.away,
    )


async def owe(store: SqlStore, model: dict[str, Known], deed: Deed) -> None:
    """Owe one more reply, where that is agreed to."""
    before, reply = model.get(deed.who), deed.session or b""
    note = await store.owe(store.person(Address(platform="terminal", user=deed.who)), reply)
    agreed = before is not None and PROGRESS in before.purposes
    assert (note is not None) is agreed
    if before is not None and agreed:
        model[deed.who] = replace(before, owed=(*before.owed, reply))


async def settle(store: SqlStore, model: dict[str, Known], deed: Deed) -> None:
    """Settle the oldest reply of a person, twice; of another, nothing is lost."""
    person = store.person(Address(platform="terminal", user=deed.who))
    notes = [each.id for each in await store.owed("terminal") if each.person == person]
    for note in notes[:1] * 2 or [b"?" * 16]:
        await store.settle(person, note)
    if notes:
        model[deed.who] = replace(model[deed.who], owed=model[deed.who].owed[1:])


async def away(store: SqlStore, model: dict[str, Known], deed: Deed) -> None:
    """Fail to reach a person: nothing more is due for them, until they choose anew."""
    before = model.get(deed.who)
    await store.away(store.person(Address(platform="terminal", user=deed.who)), day=1, slot=0)
    if before is not None and before.nudging is not None:
        stopped = replace(before.nudging, due=None, version=before.nudging.version + 1)
        model[deed.who] = replace(before, version=before.version + 1, nudging=stopped, away=True)


async def live(folder: Path, deeds: list[Deed]) -> None:
    model: dict[str, Known] = {}
    keys = KeySource(file=folder / "key")
    store = await open_store(f"sqlite:///{folder}/closer.db", keys, now=lambda: NOW)
    try:
        for deed in deeds:
            if deed.act == "reopen":
                await store.close()
                store = await open_store(f"sqlite:///{folder}/closer.db", keys, now=lambda: NOW)
            elif deed.act == "erase":
                was_there = model.pop(deed.who, None) is not None
                assert await store.erase(store.person(Address(platform="terminal", user=deed.who))) is was_there
            else:
                await {"turn": both, "owe": owe, "settle": settle, "away": away}[deed.act](store, model, deed)
            for who in "abc":
                assert await held(store, who) == model.get(who)
            assert await store.holds_people() is bool(model)
    finally:
        await store.close()


async def both(store: SqlStore, model: dict[str, Known], deed: Deed) -> None:
    before = model.get(deed.who)
    try:
        after = expected(before, deed)
    except Conflict:
        try:
            await turn(store, before, deed)
        except Conflict:
            return
        raise AssertionError("the store took a turn that conflicts") from None
    await turn(store, before, deed)
    if after is None:
        model.pop(deed.who, None)
    else:
        model[deed.who] = after


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DEEDS)
def test_the_store_equals_a_dictionary(deeds: list[Deed]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(live(Path(folder), deeds))
