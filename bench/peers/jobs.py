"""Daily jobs as others schedule them: python-telegram-bot's JobQueue, and APScheduler with a SQLAlchemy store in SQLite.

Each person is a job that runs daily, as their own pages show it. JobQueue keeps all of them in memory: whoever wants them after
a restart adds them again. To be fired, jobs are made due while the scheduler stands still.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore  # type: ignore[import-untyped]
from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]
from telegram.ext import ApplicationBuilder, CallbackContext

from bench.memory import resident
from bench.peers.aiogram_fsm import TOKEN

# Seconds after which jobs that did not run will not.
PATIENCE = 120
_fired: set[int] = set()
_all = asyncio.Event()
_wanted = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Jobs:
    """Seconds to load the jobs, MiB that they then take, and seconds to fire those that are due (each run)."""

    load: float
    mib: float
    fire: list[float]


def job_queue(number: int, due: int, runs: int) -> Jobs:
    """python-telegram-bot's."""
    return asyncio.run(_job_queue(number, due, runs))


def sqlalchemy_store(folder: Path, number: int, due: int, runs: int) -> Jobs:
    """APScheduler's, in a file of its own."""
    return asyncio.run(_sqlalchemy_store(folder, number, due, runs))


async def _job_queue(number: int, due: int, runs: int) -> Jobs:
    # Held by a name: the queue itself keeps its application no more than weakly.
    application = ApplicationBuilder().token(TOKEN).build()
    queue = application.job_queue
    if queue is None:
        raise RuntimeError("python-telegram-bot has no JobQueue here: install apscheduler")
    before, begun = _settled(), perf_counter()
    for user, at in _hours(number):
        queue.run_daily(_called, at, user_id=user, name=str(user), job_kwargs={"misfire_grace_time": None})
    await queue.start()
    load = perf_counter() - begun
    mib = _settled() - before
    jobs = queue.scheduler.get_jobs()[:due]
    fire = [await _fire(queue.scheduler, [job.id for job in jobs]) for _ in range(runs)]
    queue.scheduler.shutdown(wait=False)
    return Jobs(load=load, mib=mib, fire=fire)


async def _sqlalchemy_store(folder: Path, number: int, due: int, runs: int) -> Jobs:
    store = SQLAlchemyJobStore(url=f"sqlite:///{folder / 'jobs.db'}")
    scheduler = AsyncIOScheduler(jobstores={"default": store}, timezone=UTC)
    before, begun = _settled(), perf_counter()
    scheduler.start(paused=True)
    for user, at in _hours(number):
        scheduler.add_job(
            _sent, "cron", (user,), hour=at.hour, minute=at.minute, id=str(user), misfire_grace_time=None, coalesce=True
        )
    load = perf_counter() - begun
    mib = _settled() - before
    fire = [await _fire(scheduler, [str(user) for user in range(due)]) for _ in range(runs)]
    scheduler.shutdown(wait=False)
    return Jobs(load=load, mib=mib, fire=fire)


async def _fire(scheduler: Any, names: list[str]) -> float:
    """Seconds from letting the scheduler go on until the last of these jobs has run and been scheduled anew."""
    global _wanted  # noqa: PLW0603 - a job that is stored can only call what a module holds
    scheduler.pause()
    _fired.clear()
    _all.clear()
    _wanted = len(names)
    past = datetime.now(UTC) - timedelta(seconds=1)
    for name in names:
        scheduler.modify_job(name, next_run_time=past)
    begun = perf_counter()
    scheduler.resume()
    await asyncio.wait_for(_all.wait(), PATIENCE)
    return perf_counter() - begun


async def _called(context: CallbackContext[Any, Any, Any, Any]) -> None:
    _ran(context.job.user_id if context.job else None)


async def _sent(user: int) -> None:
    _ran(user)


def _ran(user: int | None) -> None:
    if user is not None:
        _fired.add(user)
    if len(_fired) == _wanted:
        _all.set()


def _hours(number: int) -> Iterator[tuple[int, time]]:
    """Each person's hour: any but those next to now, so that nothing is due by itself."""
    now = datetime.now(UTC).hour
    for user in range(number):
        yield user, time((now + 2 + user % 20) % 24, user % 60, tzinfo=UTC)


def _settled() -> float:
    gc.collect()
    return resident()
