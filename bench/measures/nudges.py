"""A million people who asked for nudges: a poll with nothing due, 500 of them claimed, and others' daily jobs beside it."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.child import apart
from bench.memory import resident
from bench.ours import database, key_file
from bench.peers.bare_nudges import BareNudges
from bench.peers.jobs import Jobs, job_queue, sqlalchemy_store
from bench.plan import Plan
from bench.report import Row, ratio, times, under
from bench.subscribers import BEGIN, PLATFORM, fill
from bench.timing import p50
from bot.nudges.moment import moment
from bot.ports import Claim, Due
from storage.keys import KeySource
from storage.moments import micros as instant
from storage.store import SqlStore, open_store

DUE = 500
POLLS = 200
# Runs that are not counted: the write-ahead log's file grows, the clock reads its zones, pages come into memory.
WARM = 1
JOBS = 100_000
POLL_MOST, CLAIM_MOST = 0.2e-3, 2.5
CHUNK = 1 << 24
# When all of a round are due, and none is too late.
SOON, NEVER = timedelta(minutes=95), timedelta(days=400)
FIRST = "SELECT plan FROM nudges WHERE platform = ? AND due_at <= ? ORDER BY due_at LIMIT ?"
Reclaim = Callable[[Due, datetime], Claim]


async def measure(plan: Plan) -> list[Row]:
    """Ours and the bare statements have the same rows, each in a file of its own, and take turns."""
    ours, bare = plan.place("ours"), plan.place("bare")
    apart(fill, ours, plan.people)
    with closing(BareNudges(bare, database(ours), PLATFORM)) as floor:
        for path in (database(ours), floor.path):
            _into_memory(path)
        starts = [await _ready(ours) for _ in range(plan.runs)]
        start, mib = median(seconds for seconds, _ in starts), starts[0][1]
        store = await _opened(ours)
        try:
            polls = [await p50([lambda: store.due(PLATFORM, BEGIN, DUE)] * POLLS) for _ in range(plan.runs)]
            rounds = [await _run(store, floor, database(ours)) for _ in range(WARM + plan.runs)][WARM:]
        finally:
            await store.close()
    bares, plain, decided = zip(*rounds, strict=True)
    who = f"{plan.people:,} subscribers"
    return [
        under(f"nudges, {who}: a poll with nothing due (p50)", median(polls), POLL_MOST),
        _claims(f"nudges, {who}: {DUE} due read, opened, claimed and set to a next time durably", plain, bares),
        _claims(f"nudges, {who}: the same, with what to do and when next decided from each plan", decided, bares),
        *_peers(plan, start, mib, list(decided)),
    ]


async def _opened(folder: Path) -> SqlStore:
    return await open_store(f"sqlite:///{database(folder)}", KeySource(file=key_file(folder)), now=lambda: BEGIN)


async def _ready(folder: Path) -> tuple[float, float]:
    """Seconds from nothing open to the first poll's answer, and the MiB that it takes; the first also loads the driver."""
    before, begun = resident(), perf_counter()
    store = await _opened(folder)
    try:
        await store.due(PLATFORM, BEGIN, DUE)
        return perf_counter() - begun, resident() - before
    finally:
        await store.close()


async def _run(store: SqlStore, floor: BareNudges, path: Path) -> tuple[float, float, float]:
    """Seconds of the bare statements, of ours without deciding, and of ours with it: each for people of their own.

    Medians of some rounds, in each of which another begins: each finds disk and memory as the one before left them.
    """
    works: tuple[Callable[[], Awaitable[float]], ...] = (
        lambda: _bare(floor),
        lambda: _ours(store, path, _blindly),
        lambda: _ours(store, path, _decided),
    )
    taken: list[list[float]] = [[] for _ in works]
    for first in range(2 * len(works)):
        for place in range(first, first + len(works)):
            # Folding in the log is not part of a commit; whoever comes when it is full would pay for all.
            for each in (path, floor.path):
                with closing(sqlite3.connect(each)) as line:
                    line.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            gc.collect()
            taken[place % len(works)].append(await works[place % len(works)]())
    bare, plain, decided = map(median, taken)
    return bare, plain, decided


async def _bare(floor: BareNudges) -> float:
    found = floor.next(instant(BEGIN), DUE)
    begun = perf_counter()
    floor.claim(found)
    return perf_counter() - begun


async def _ours(store: SqlStore, path: Path, reclaim: Reclaim) -> float:
    now = BEGIN + SOON
    # As for the floor: whoever asked first would find pages that the system does not hold.
    with closing(sqlite3.connect(path)) as line:
        line.execute(FIRST, (PLATFORM, instant(now), DUE)).fetchall()
    begun = perf_counter()
    found = await store.due(PLATFORM, now, DUE)
    won = await store.claim([reclaim(due, now) for due in found])
    taken = perf_counter() - begun
    if sum(won) != DUE:
        raise RuntimeError("fewer were due or claimed than expected: ask for more people")
    return taken


def _blindly(due: Due, now: datetime) -> Claim:
    return Claim(person=due.person, seen=due.since, version=due.version, next=now + NEVER, day=1, slot=0, state="claimed")


def _decided(due: Due, now: datetime) -> Claim:
    return moment(due, now).claim


def _into_memory(path: Path) -> None:
    """Read the file once, so that a run measures the program and not which pages the system happens to hold."""
    with path.open("rb") as file:
        while file.read(CHUNK):
            pass


def _claims(measure: str, ours: tuple[float, ...], bare: tuple[float, ...]) -> Row:
    result = ratio(ours, bare)
    return Row(
        measure=measure,
        ours=_millis(median(ours)),
        peer=f"bare, two statements: {_millis(median(bare))}",
        result=times(result),
        goal=f"at most {CLAIM_MOST:g}x",
        met=result <= CLAIM_MOST,
    )


def _peers(plan: Plan, start: float, mib: float, ours: list[float]) -> list[Row]:
    number = min(JOBS, plan.people)
    queue = apart(job_queue, number, DUE, plan.runs)
    stored = apart(sqlalchemy_store, plan.place("jobs"), number, DUE, plan.runs)
    rows = []
    for name, jobs in (("python-telegram-bot's JobQueue", queue), ("APScheduler, SQLAlchemyJobStore", stored)):
        rows.append(_beside(f"nudges: ready with {plan.people:,} subscribers", start, mib, f"{name}, {number:,} jobs", jobs))
        rows.append(
            Row(
                measure=f"nudges: {DUE} due, taken and set to their next time",
                ours=_millis(median(ours)),
                peer=f"{name}, {number:,} jobs: {_millis(median(jobs.fire))}",
                result=f"{times(median(jobs.fire) / median(ours))} as long",
            )
        )
    return rows


def _beside(measure: str, seconds: float, mib: float, name: str, jobs: Jobs) -> Row:
    return Row(
        measure=measure,
        ours=f"{_millis(seconds)}, {mib:.1f} MiB",
        peer=f"{name}: {jobs.load:.1f} s, {jobs.mib:.0f} MiB",
        result=f"{times(jobs.load / seconds)} as long",
    )


def _millis(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
