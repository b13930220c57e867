"""Who is idle, by the calendar; and the daily round that has them erased."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from bot.conversation.facts import NUDGES, Consent
from bot.ports import Change, StoreError
from bot.retention import DAY, FIRST, Retention, oldest_kept
from tests.conftest import START
from tests.leaping import leap
from tests.person import Person, at_first_question, remembered

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.runtime import Runtime
    from tests.conftest import Clock


def month(year: int, number: int) -> int:
    return year * 12 + number - 1


@pytest.mark.parametrize(
    ("now", "months", "first"),
    [
        (datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), 12, month(2025, 11)),
        (datetime(2026, 12, 1, tzinfo=UTC), 12, month(2025, 12)),
        (datetime(2026, 1, 1, tzinfo=UTC), 12, month(2025, 1)),
        (datetime(2026, 1, 1, tzinfo=UTC), 1, month(2025, 12)),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), 12, month(2027, 2)),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), 48, month(2024, 2)),
        # Eastwards it is next month already; months are those of UTC.
        (datetime(2026, 12, 1, 2, tzinfo=timezone(timedelta(hours=3))), 12, month(2025, 11)),
    ],
)
def test_the_first_month_that_is_kept(now: datetime, months: int, first: int) -> None:
    assert oldest_kept(now, months) == first


@pytest.mark.parametrize("months", [1, 6, 12, 24])
def test_nobody_goes_before_that_many_months_and_everybody_within_the_month_after(months: int) -> None:
    """For every day of the last message over five years, a leap year among them."""
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    for day in range(5 * 365):
        last = begin + timedelta(days=day)
        there = month(last.year, last.month)
        year, number = divmod(there + months, 12)
        # The same month, so many months on: its end is not reached before so many months have passed.
        assert there >= oldest_kept(datetime(year, number + 1, 28, 23, tzinfo=UTC), months)
        year, number = divmod(there + months + 1, 12)
        assert there < oldest_kept(datetime(year, number + 1, 1, tzinfo=UTC), months)


def rounds(clock: Callable[[], datetime], forget: Callable[[int], int], days: float) -> None:
    """Have the daily round go on for so long."""

    async def ask(before: int) -> int:
        return forget(before)

    async def work() -> None:
        retention = Retention(ask, months=12, clock=clock)
        running = asyncio.create_task(retention.run())
        await asyncio.sleep(days * DAY)
        await retention.stop()
        await running

    leap(work)


def test_it_looks_once_a_month_and_not_in_the_first_hour(clock: Clock) -> None:
    asked: list[int] = []

    def forget(before: int) -> int:
        asked.append(before)
        return 3

    rounds(clock, forget, FIRST / DAY / 2)
    assert asked == []
    rounds(clock, forget, 5)
    assert asked == [month(2025, 11)]


def test_a_new_month_is_a_new_look(clock: Clock) -> None:
    asked: list[int] = []

    def forget(before: int) -> int:
        asked.append(before)
        clock.pass_(days=10)
        return 0

    def later() -> datetime:
        clock.pass_(days=1)
        return clock.now

    rounds(later, forget, 40)
    assert asked == sorted(set(asked))
    assert len(asked) > 1


def test_a_store_that_fails_is_asked_again_the_next_day(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[int] = []

    def forget(before: int) -> int:
        asked.append(before)
        if len(asked) < 3:
            raise StoreError("the disk is full") if len(asked) == 1 else RuntimeError("secret")
        return 0

    rounds(clock, forget, 9)
    assert len(asked) == 3
    told = capsys.readouterr().err
    assert "the disk is full" in told
    assert "secret" not in told


async def test_who_is_erased_is_gone_from_memory_too(runtime: Runtime) -> None:
    person = await remembered(Person(runtime))
    whose = runtime.store.person(person.address)
    assert runtime._known
    # The store has a clock of its own, whatever the month there is.
    assert await runtime.forget_idle(0) == 0
    assert runtime._known
    assert await runtime.forget_idle(month(9999, 1)) == 1
    assert await runtime.store.load(whose) is None
    assert not runtime._known
    await person.call("privacy")
    assert person.sees("privacy.page.nothing")


@pytest.mark.parametrize(("months", "key"), [(0, "always"), (1, "months"), (12, "months"), (36, "months")])
async def test_the_page_on_privacy_says_for_how_long(again: Any, months: int, key: str) -> None:
    person = await at_first_question(Person(await again(retention_months=months)))
    said = await person.call("privacy")
    assert person.sees(f"privacy.kept.{key}")
    assert not months or "month" in said
    assert (str(months) in said) == (months > 1)
    await person.tap("remember")
    assert person.sees(f"privacy.kept.{key}")


async def test_whoever_keeps_no_progress_is_seen_all_the_same(again: Any) -> None:
    """Of somebody who agreed to nudges alone no session is stored, but that they wrote is."""
    person = Person(await again(), platform="telegram")
    runtime = person.runtime
    whose, address = runtime.store.person(person.address), person.address
    await runtime.store.commit(
        whose, address, Change(session=None, version=1, consents=(Consent(purpose=NUDGES, version=1, at=START),))
    )
    await person.open()
    record = await runtime.store.load(whose)
    assert record is not None
    assert (record.version, record.session) == (2, None)
