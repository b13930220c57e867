"""Which offset may be asked for: never one past an update that is still under way."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.telegram.ledger import WINDOW, Ledger


def test_the_offset_stays_before_what_is_under_way() -> None:
    ledger = Ledger()
    assert ledger.offset is None
    assert ledger.arrived([5, 6, 7], ledger.offset) == [5, 6, 7]
    assert ledger.offset == 5
    ledger.done(6)
    assert (ledger.offset, ledger.idle) == (5, False)
    ledger.done(5)
    assert ledger.offset == 7
    ledger.done(7)
    assert (ledger.offset, ledger.idle) == (8, True)


def test_what_is_sent_again_is_not_taken_again() -> None:
    ledger = Ledger()
    ledger.arrived([5, 6], ledger.offset)
    ledger.done(6)
    assert ledger.arrived([5, 6, 7], ledger.offset) == [7]


def test_an_old_update_brought_again_later_is_taken_again() -> None:
    ledger = Ledger()
    ledger.arrived([5], ledger.offset)
    ledger.done(5)
    assert ledger.arrived([5], ledger.offset) == [5]


def test_what_was_asked_for_before_it_was_done_is_not_taken_again() -> None:
    ledger = Ledger()
    ledger.arrived([5], ledger.offset)
    asked = ledger.offset
    ledger.done(5)
    assert ledger.arrived([5], asked) == []
    assert ledger.offset == 6


def test_ids_may_begin_anew_after_a_quiet_week() -> None:
    ledger = Ledger()
    ledger.arrived([1000], ledger.offset)
    ledger.done(1000)
    ledger.arrived([], ledger.offset)
    assert ledger.arrived([3], ledger.offset) == [3]
    ledger.done(3)
    assert ledger.offset == 4


def test_a_full_window_makes_way_only_past_what_is_late() -> None:
    ledger = Ledger()
    window = list(range(WINDOW))
    ledger.arrived(window, ledger.offset)
    for number in window[1:]:
        ledger.done(number)
    assert ledger.arrived(window, ledger.offset) == []
    assert ledger.offset == 0, "its turn may not even be committed"
    ledger.late(0)
    ledger.arrived(window, ledger.offset)
    assert ledger.offset == WINDOW


async def test_calm_waits_for_the_last_one() -> None:
    ledger = Ledger()
    ledger.arrived([1, 2], ledger.offset)
    waiting = asyncio.create_task(ledger.calm(60))
    await asyncio.sleep(0)
    ledger.done(1)
    await asyncio.sleep(0)
    assert not waiting.done()
    ledger.done(2)
    await waiting
    ledger.arrived([3], ledger.offset)
    await ledger.calm(0)
    assert not ledger.idle


@given(st.lists(st.lists(st.integers(0, 30), max_size=6), max_size=12), st.randoms(use_true_random=False))
def test_nothing_under_way_is_ever_acknowledged(batches: list[list[int]], dice: object) -> None:
    ledger, pending = Ledger(), set()
    for batch in batches:
        pending |= set(ledger.arrived(sorted(pending | set(batch)), ledger.offset))
        for number in sorted(pending):
            if dice.random() < 0.5:  # type: ignore[attr-defined]
                ledger.done(number)
                pending.discard(number)
        assert ledger.idle == (not pending)
        if pending:
            assert ledger.offset is not None
            assert ledger.offset <= min(pending)
