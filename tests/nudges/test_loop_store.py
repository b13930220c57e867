"""The loop on the real store: two processes on one file, a kill, people who write; and what the command prints."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import nudges_report
from bot.cli import main
from bot.conversation.facts import NUDGES, Consent
from bot.nudges.compose import Sent
from bot.nudges.plan import pack_past
from bot.ports import Address, Change, GivenUp, Nudging, Unreachable
from storage.keys import KeySource
from storage.store import SqlStore, open_store
from tests.nudges.joining import joined
from tests.nudges.scene import NOON, Scene

WEEKS_AGO = date(2026, 10, 19)


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Callable[[], Any]]:
    """Opens the same file, as often as wanted."""
    stores: list[SqlStore] = []

    async def another() -> SqlStore:
        keys = KeySource(value="11" * 32, file=tmp_path / "key")
        stores.append(await open_store(f"sqlite:///{tmp_path / 'closer.db'}", keys))
        return stores[-1]

    yield another
    for store in stores:
        await store.close()


async def standing(store: SqlStore, now: datetime = NOON) -> tuple[dict[str, int], dict[str, int]]:
    counts = await store.counts(now, WEEKS_AGO)
    some = lambda given: {name: count for name, count in given.items() if count}  # noqa: E731
    return some(counts.subscribers), some(counts.deliveries)


def damage(file: Path, person: bytes) -> None:
    """What is stored of what was sent to this person does not open any more."""
    with closing(sqlite3.connect(file)) as line, line:
        line.execute("UPDATE nudges SET past = substr(past, 2) WHERE person = ?", (person,))


async def test_two_processes_on_one_file_send_each_of_them_once(opened):
    one, other = Scene(store=await opened()), Scene(store=await opened())
    for number in range(60):
        await joined(one.store, str(number), NOON, seed=number)
    await asyncio.gather(one.poll(), other.poll())
    await asyncio.gather(one.poll(), other.poll())
    assert sorted(one.courier.to + other.courier.to, key=int) == [str(number) for number in range(60)]
    assert await standing(one.store) == ({"due": 60}, {"sent": 60})


async def test_a_kill_while_they_are_in_flight_is_seen_and_nothing_comes_twice(opened):
    scene, ever = Scene(store=await opened()), asyncio.Event()
    for number in range(10):
        await joined(scene.store, str(number), NOON)
    scene.courier.becomes = lambda to: ever.wait() if int(to.user) < 4 else None
    await scene.loop._round()
    while len(scene.loop._under_way) > 4 or len(scene.courier.within) < 10:
        await asyncio.wait(scene.loop._under_way, return_when=asyncio.FIRST_COMPLETED)
    after = Scene(store=await opened())
    await after.poll()
    assert after.courier.given == []
    assert await standing(after.store) == ({"due": 10}, {"sent": 6, "claimed": 4})
    for task in scene.loop._under_way:
        task.cancel()


async def test_blocked_given_up_late_and_unreadable_ones_are_told_apart(opened, tmp_path: Path):
    scene = Scene(store=await opened())
    blocked = await joined(scene.store, "1", NOON)
    failed = await joined(scene.store, "2", NOON)
    await joined(scene.store, "3", NOON - timedelta(days=3))
    address = Address(platform="telegram", user="4")
    consents = (Consent(purpose=NUDGES, version=1, at=NOON),)
    broken = Nudging(plan=b"{}", past=b"[]", due=NOON, version=1)
    await scene.store.commit(
        scene.store.person(address), address, Change(session=None, version=1, consents=consents, nudging=broken)
    )
    spoilt = await joined(scene.store, "5", NOON)
    damage(tmp_path / "closer.db", spoilt)
    scene.courier.becomes = lambda to: {"1": Unreachable(), "2": GivenUp(perhaps=False)}.get(to.user)
    await scene.poll()
    assert scene.courier.given == []
    subscribers, deliveries = await standing(scene.store)
    assert subscribers == {"due": 2, "paused": 1, "away": 2}
    assert deliveries == {"failed": 4, "skipped": 1}
    assert (await scene.store.load(blocked)).away
    assert (await scene.store.nudging(blocked)).due is None
    assert (await scene.store.nudging(failed)).past == b"[]"


async def test_who_stops_while_it_is_claimed_gets_nothing_and_leaves_nothing(opened):
    store = await opened()
    scene = Scene(store=store)
    person = await joined(store, "1", NOON)
    record, done = store.record, []

    async def late(*given: Any, **named: Any) -> None:
        if not done:
            done.append(await store.erase(person))
        await record(*given, **named)

    store.record = late
    await scene.poll()
    assert scene.courier.given == []
    assert await standing(store) == ({}, {})


async def test_a_message_of_the_person_in_between_is_kept(opened):
    store = await opened()
    scene = Scene(store=store)
    person = await joined(store, "1", NOON, (Sent(nudge="song_sent", day=1),))
    record, done = store.record, []

    async def late(*given: Any, **named: Any) -> None:
        if not done:
            stored = await store.nudging(person)
            past = json.dumps(pack_past((Sent(nudge="song_sent", day=1, answer="done"),))).encode()
            done.append(Nudging(plan=stored.plan, past=past, due=stored.due, version=stored.version + 1))
            address = Address(platform="telegram", user="1")
            held = await store.load(person)
            await store.commit(person, address, Change(session=None, version=held.version + 1, nudging=done[0]))
        await record(*given, **named)

    store.record = late
    await scene.poll()
    assert len(scene.courier.given) == 1
    rows = json.loads((await store.nudging(person)).past)
    assert [row[2] for row in rows] == ["done", None]


# -- the command -------------------------------------------------------------------------------------------------------


async def test_the_numbers_are_right_and_name_nobody(opened):
    scene = Scene(store=await opened())
    for number, late in enumerate((0, 0, 0, 3, 3)):
        await joined(scene.store, f"78901{number}", NOON - timedelta(days=late))
    await joined(scene.store, "780", NOON - timedelta(seconds=1), (Sent(nudge="song_sent", day=1),), later=NOON)
    await joined(scene.store, "781", NOON + timedelta(days=1))
    told = await nudges_report.due(scene.store, NOON)
    assert told.split("\n")[0].split() == ["6", "due", "on", "telegram"]
    planned = await nudges_report.dry_run(scene.store, NOON)
    numbers = dict(zip(nudges_report.DECISIONS, (line.split()[0] for line in planned.splitlines()), strict=True))
    assert {kind: number for kind, number in numbers.items() if number != "0"} == {"nudge": "4", "skipped": "2"}
    assert await standing(scene.store) == ({"due": 1, "overdue": 6}, {}), "nothing was done"
    await scene.poll()
    stats = await nudges_report.stats(scene.store, NOON)
    assert "7 people" in stats
    assert [line.split()[0] for line in stats.splitlines() if line.startswith(" ")] == ["7", "0", "0", "0", "4", "0", "2", "0"]
    assert "7890" not in told + planned + stats


async def made(folder: Path) -> None:
    await (await open_store(f"sqlite:///{folder / 'closer.db'}", KeySource(file=folder / "key"))).close()


@pytest.mark.parametrize(
    ("flag", "says"), [("--due", "due on discord"), ("--dry-run", "skipped until"), ("--stats", "35 days")]
)
def test_the_command_prints_them(flag: str, says: str, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLOSER_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'closer.db'}")
    asyncio.run(made(tmp_path))
    assert main(["nudges", flag]) == 0
    assert says in capsys.readouterr().out


@pytest.mark.parametrize("flags", [[], ["--due", "--stats"], ["--due", "--now", "soon"]])
def test_the_command_wants_one_of_them(flags: list[str], capsys):
    with pytest.raises(SystemExit):
        main(["nudges", *flags])
    assert capsys.readouterr().out == ""


def test_large_numbers_are_readable():
    assert nudges_report._line(9_999, "x").split() == ["9,999", "x"]
    assert nudges_report._line(nudges_report.MOST, "x").split() == ["10,000+", "x"]
    assert datetime(2026, 11, 23, tzinfo=UTC) - nudges_report.SINCE == datetime(2026, 10, 19, tzinfo=UTC)


@pytest.mark.parametrize("command", [["nudges", "--stats"], ["nudges", "--due"], ["safety-report"]])
def test_where_no_database_is_none_is_made_by_asking(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'typo' / 'closer.db'}")
    monkeypatch.setenv("CLOSER_KEY_FILE", str(tmp_path / "key"))
    assert main(command) == 2
    assert f"There is no database at {tmp_path / 'typo' / 'closer.db'}" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
