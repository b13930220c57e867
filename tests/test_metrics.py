"""What is counted: in closed tables, of nobody, and read by a dashboard that asks for nothing that is not there."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.conversation import dialog, events
from bot.conversation.events import Alarmed, Called, Opened, Tapped, Typed
from bot.conversation.session import Frame, Session
from bot.meter import COUNTED, KINDS, LATE, NUDGES, PLATFORMS, QUICK, REACHED, Meter, kind_of
from bot.metrics import Exposition, Sources
from bot.platforms.core import Core
from bot.platforms.discord.trace import counting_refusals
from bot.ports import Address, GivenUp, State, StoreError, Unreachable
from bot.watch import Watch
from tests.kernel import book
from tests.leaping import leap
from tests.nudges.scene import Scene

ROOT = Path(__file__).parent.parent
DASHBOARD = ROOT / "deploy" / "grafana" / "closer.json"
ME = Address(platform="telegram", user="1")


def shown(meter: Meter, **changes: Any) -> str:
    sources = {
        "meter": meter,
        "sessions": lambda: (3, 5),
        "batches": lambda: {1: 4, 3: 2},
        "connected": lambda: {"telegram": True, "discord": False},
        "version": "1.2.3",
    }
    return Exposition(Sources(**{**sources, **changes})).text().decode()


def value(text: str, name: str, **labels: str) -> float:
    found = [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    ]
    assert len(found) == 1, (name, labels)
    return found[0]


# -- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key",
    [
        ("deliveries", "telegram", "lost"),
        ("deliveries", "matrix", "delivered"),
        ("deliveries", "telegram"),
        ("nudges", "telegram", "why/touch"),
        ("answers", "telegram"),
    ],
)
def test_what_is_in_no_table_is_an_error_and_no_new_series(key: tuple[str, ...]) -> None:
    meter = Meter()
    before = shown(meter)
    with pytest.raises(KeyError):
        meter.add(*key)
    with pytest.raises(KeyError):
        meter.turn("telegram", key[-1] + "?", 0.1)
    numbers = re.compile(r"^process_.*$", re.MULTILINE)
    assert numbers.sub("", shown(meter)) == numbers.sub("", before)


def test_every_combination_is_there_from_the_beginning() -> None:
    text = shown(Meter())
    for platform, kind in product(PLATFORMS, KINDS):
        assert value(text, "closer_turn_seconds_count", platform=platform, kind=kind) == 0
    for platform, state in product(REACHED, NUDGES):
        assert value(text, "closer_nudges_total", platform=platform, state=state) == 0


def test_no_label_names_a_dialog_a_step_or_a_command() -> None:
    values = {value for table in COUNTED.values() for row in table.values for value in row} | {*KINDS, *PLATFORMS}
    steps = {step for each in book().dialogs.values() for step in each.steps}
    assert not values & {*book().dialogs, *book().commands} - {"start"}, "`start` is a conversation's, whatever began it"
    # Everybody begins, and any store may fail.
    assert values & steps <= {"start", "trouble"}
    assert "alarm" not in values


# -- kinds of turns --------------------------------------------------------------------------------------------------


def at(name: str, step: str) -> Session:
    return Session(frames={name: Frame(dialog=name, step=step)}, open=(name,))


def every_step() -> Iterator[tuple[str, Any]]:
    for name, each in book().dialogs.items():
        yield from ((name, step) for step in each.table if step.asks)


def test_every_step_that_asks_has_a_kind_of_its_own_type() -> None:
    wanted = {dialog.One: "question", dialog.Several: "several", dialog.Write: "words", dialog.Read: "value"}
    seen = set()
    for name, step in every_step():
        kind = kind_of(Tapped(id="1", turn=1, key="x"), at(name, step.name), book())
        assert kind == wanted[type(step)]
        seen.add(kind)
    assert seen == set(wanted.values())


@pytest.mark.parametrize(
    ("event", "session", "kind"),
    [
        (Called(id="1", command="why"), None, "command"),
        (Opened(id="1"), None, "start"),
        (Typed(id="1", text="x"), Session(), "start"),
        (Typed(id="1", text="x"), at("why", "no such step"), "start"),
        (Typed(id="1", text="x"), at("no such dialog", "x"), "start"),
        (Alarmed(id="1", tier="urgent", category="suicide"), at("welcome", "hello"), "words"),
    ],
)
def test_what_a_turn_is_about(event: events.Event, session: Session | None, kind: str) -> None:
    assert kind_of(event, session, book()) == kind


# -- numbers ---------------------------------------------------------------------------------------------------------


def test_a_histogram_is_shown_as_it_was_noted() -> None:
    meter = Meter()
    for seconds in (0.0001, QUICK[0], 0.003, 100):
        meter.turn("discord", "question", seconds)
    text = shown(meter)
    where = {"platform": "discord", "kind": "question"}
    assert value(text, "closer_turn_seconds_bucket", le="0.0005", **where) == 2
    assert value(text, "closer_turn_seconds_bucket", le="0.005", **where) == 3
    assert value(text, "closer_turn_seconds_bucket", le="10.0", **where) == 3
    assert value(text, "closer_turn_seconds_count", **where) == 4
    assert value(text, "closer_turn_seconds_sum", **where) == pytest.approx(100.0036)


def test_what_stands_in_memory_is_looked_at_when_it_is_scraped() -> None:
    text = shown(Meter())
    assert value(text, "closer_sessions_open") == 3
    assert value(text, "closer_sessions_cached") == 5
    assert value(text, "closer_platform_connected", platform="discord") == 0
    assert value(text, "closer_batch_turns_count") == 6
    assert value(text, "closer_batch_turns_sum") == 10
    assert value(text, "closer_batch_turns_bucket", le="2.0") == 4
    assert value(text, "closer_info", version="1.2.3") == 1
    assert value(text, "process_resident_memory_bytes") > 0


async def test_turns_and_store_failures_are_counted_where_there_is_a_meter(settings, clock, monkeypatch) -> None:
    from bot.app import build

    meter = Meter()
    runtime = await build(settings, clock, meter=meter)
    try:
        await runtime.turn(ME, Called(id="1", command="start"))
        await runtime.turn(ME, Typed(id="2", text="yes"))
        assert sum(meter.turns["telegram", "command"].buckets) == 1
        assert sum(meter.turns["telegram", "question"].buckets) == 1
        assert meter.turns["telegram", "question"].total > 0
        assert runtime.held == (1, 0)

        async def broken(_: bytes) -> None:
            raise StoreError("the disk is gone")

        monkeypatch.setattr(runtime.store, "load", broken)
        await runtime.turn(Address(platform="discord", user="2"), Called(id="3", command="start"))
        assert meter.counts["store_failures",] == 1
        assert sum(meter.turns["discord", "trouble"].buckets) == 1
    finally:
        await runtime.close()


def test_without_a_meter_nothing_is_counted() -> None:
    Core(turn=None, store=None, library=None, commands=()).count("deliveries", "telegram", "delivered")  # type: ignore[arg-type]


async def test_each_429_of_discord_is_counted() -> None:
    meter = Meter()
    (ended,) = counting_refusals(meter).on_request_end
    for status in (200, 429, 503, 429):
        await ended(None, None, SimpleNamespace(response=SimpleNamespace(status=status)))  # type: ignore[arg-type]
    assert meter.counts["too_many_requests", "discord"] == 2


# -- nudges ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("becomes", "ago", "counted"),
    [
        (None, 0, {"due": 1, "sent": 1}),
        (None, LATE + 1, {"due": 1, "sent": 1, "late": 1}),
        (None, 9 * 3600, {"due": 1, "skipped": 1}),
        (GivenUp(perhaps=True), 0, {"due": 1, "failed": 1}),
        (Unreachable(), 0, {"due": 1, "failed": 1}),
    ],
    ids=["sent", "late", "too late", "given up", "unreachable"],
)
async def test_nudges_are_counted_by_what_became_of_them(becomes: Any, ago: float, counted: dict[str, int]) -> None:
    scene, meter = Scene(), Meter()
    scene.loop._means = replace(scene.loop._means, meter=meter)
    scene.courier.becomes = lambda _: becomes
    scene.person()
    scene.pass_(seconds=ago)
    await scene.poll()
    found = {key[-1]: count for key, count in meter.counts.items() if key[0] == "nudges" and count}
    assert found == counted


def test_the_states_that_are_stored_are_counted() -> None:
    assert {*get_args(State)} - {"claimed"} <= {*NUDGES}


# -- the loop --------------------------------------------------------------------------------------------------------


def test_the_loop_is_looked_at_once_a_second_and_platforms_are_told(capsys) -> None:
    import bot.log

    bot.log.configure("INFO")
    meter, up = Meter(), {"telegram": False}

    async def work() -> None:
        loop = asyncio.get_running_loop()
        watch = Watch(lambda: up, meter, begun=loop.time())
        running = asyncio.create_task(watch.run())
        loop.call_later(2, up.update, {"telegram": True})
        loop.call_later(7.2, up.update, {"telegram": False})
        await asyncio.sleep(12)
        await watch.stop()
        await running

    try:
        leap(work)
    finally:
        bot.log.configure("WARNING")
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["level"]) for line in told] == [
        ("connected", "info"),
        ("ready", "info"),
        ("disconnected", "warning"),
    ]
    assert 2000 <= told[1]["after_ms"] <= 2100
    # Twenty a second until it is ready, then one.
    assert 40 + 9 <= sum(meter.lag.buckets) <= 41 + 10


# -- the dashboard ---------------------------------------------------------------------------------------------------


def queries() -> list[str]:
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


def unknown(text: str) -> set[str]:
    """The metrics that a query names and that are not shown."""
    names = {sample.name for family in text_string_to_metric_families(shown(Meter())) for sample in family.samples}
    return set(re.findall(r"\b(?:closer|process)_\w+", text)) - names


def test_the_dashboard_asks_for_nothing_that_is_not_there() -> None:
    assert unknown("sum(rate(closer_answers_total[5m]))") == {"closer_answers_total"}
    assert len(queries()) >= 12
    assert {name for query in queries() for name in unknown(query)} == set()


def test_everything_that_is_shown_is_on_the_dashboard() -> None:
    asked = " ".join(queries())
    families = {family.name for family in text_string_to_metric_families(shown(Meter())) if family.name.startswith("closer_")}
    assert {name for name in families if name not in asked} == set()
