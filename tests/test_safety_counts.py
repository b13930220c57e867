"""The yearly count of help shown, of nobody in particular, and the report that is made of it."""

from __future__ import annotations

import asyncio
import json

import pytest

from bot.cli import main
from bot.conversation.effects import CARD, REFERRAL
from bot.conversation.events import Alarmed, Typed
from bot.ports import Tally
from bot.runtime import alarmed
from bot.safety_report import CATEGORIES, report
from bot.understanding.crisis import CATEGORIES as FOUND
from tests.alarms import ASKING, DANGER
from tests.conftest import START
from tests.disk import rows
from tests.kernel import book
from tests.person import Person, at_first_question, remembered

SECRET = "xylophone"


# -- counted ---------------------------------------------------------------------------------------------------------


async def counted(runtime, *, tries: int = 100) -> dict[tuple[int, str, str], int]:
    """The yearly counts, once what was noted has been written."""
    for _ in range(tries):
        if runtime._counting._task is None or runtime._counting._task.done():
            break
        await asyncio.wait({runtime._counting._task})
    return {(t.year, t.kind, t.category): t.count for t in await runtime.store.tallies()}


def both(category: str, cards: int = 1, referrals: int = 1, year: int = START.year) -> dict[tuple[int, str, str], int]:
    return {(year, CARD, category): cards, (year, REFERRAL, category): referrals}


async def test_a_card_is_counted_once_also_for_people_of_whom_nothing_is_kept(runtime, settings):
    person = await at_first_question(Person(runtime))
    assert await counted(runtime) == {}
    event = Typed(id="same", language="en", text=DANGER)
    await person.does(event)
    await person.does(event)
    assert await counted(runtime) == both("suicide")
    assert rows(settings)["people"] == 0


async def test_each_reason_has_its_own_count(runtime):
    person = await at_first_question(Person(runtime))
    for words in ("i cut myself again tonight", "my boyfriend hits me"):
        found = alarmed(Typed(id="x", text=words), "en")
        assert isinstance(found, Alarmed)
        await person.say(words)
        await person.tap("on")
        assert (START.year, CARD, found.category) in await counted(runtime)
    await person.call("sos")
    await person.tap("on")
    await person.say(ASKING)
    await person.tap("no")
    found = await counted(runtime)
    assert found.keys() >= both("asked").keys() | both("said_no").keys()
    assert (START.year, CARD, "suicide") not in found


async def test_the_year_is_that_of_utc(runtime, clock):
    person = Person(runtime)
    clock.now = START.replace(year=2026, month=12, day=31, hour=23, minute=59)
    await person.call("sos")
    clock.pass_(minutes=2)
    await person.tap("on")
    await person.call("sos")
    assert await counted(runtime) == both("asked", year=2026) | both("asked", year=2027)


async def test_a_count_that_fails_delays_and_breaks_nothing_and_is_made_up_for(runtime, monkeypatch, capsys):
    person = await at_first_question(Person(runtime))
    working, gate = runtime.store.tally, asyncio.Event()

    async def stuck(counts: list[Tally]) -> None:
        await gate.wait()
        raise RuntimeError(SECRET)

    monkeypatch.setattr(runtime.store, "tally", stuck)
    await person.say(DANGER)
    assert person.sees("safety.urgent.text"), "the reply was there before the count"
    await person.tap("on")
    gate.set()
    assert await counted(runtime) == {}
    monkeypatch.setattr(runtime.store, "tally", working)
    await person.say(DANGER)
    assert await counted(runtime) == both("suicide", 2, 2)
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["kind"]) for line in logged] == [("count_failed", "RuntimeError")]
    assert SECRET not in json.dumps(logged)


async def test_an_erasure_leaves_the_counts(runtime, settings):
    person = await remembered(Person(runtime))
    await person.say(DANGER)
    await person.tap("on")
    await person.call("forget")
    await person.tap("yes")
    assert rows(settings)["people"] == 0
    assert await counted(runtime) == both("suicide")


async def test_privacy_tells_of_the_count(runtime):
    person = await at_first_question(Person(runtime))
    await person.call("privacy")
    assert "counted for everybody" in person.text
    assert "No name, no text and no day" in person.text


# -- the report ------------------------------------------------------------------------------------------------------


def tally(category: str, count: int, kind: str = CARD, year: int = 2026) -> Tally:
    return Tally(year=year, kind=kind, category=category, count=count)


def row(text: str, name: str) -> list[str]:
    """The cells of the row that begins with this."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {name}"))
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def made(*tallies: Tally, year: int = 2026, protocol: str | None = "https://example.org/safety") -> str:
    return report(tallies, year, this_year=2027, protocol=protocol)


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (1, "fewer than 5"), (4, "fewer than 5"), (5, "5"), (1234, "1234")])
def test_a_small_count_is_not_told(count, shown):
    assert row(made(tally("suicide", count)), CATEGORIES["suicide"]) == [shown, "0"]


def test_no_sum_gives_a_small_count_away():
    text = made(tally("suicide", 12), tally("abuse", 3), tally("suicide", 20, REFERRAL), tally("abuse", 7, REFERRAL))
    assert row(text, "**All together**") == ["at least 13", "27"]
    other = made(tally("suicide", 12), tally("abuse", 4))
    assert row(other, "**All together**") == ["at least 13", "0"], "3 and 4 cannot be told apart"


def test_only_that_year_is_told_and_every_reason_has_a_row():
    text = made(tally("suicide", 50), tally("suicide", 70, year=2025))
    assert row(text, CATEGORIES["suicide"])[0] == "50"
    assert "# Safety report 2026" in text
    cards = {step.card for dialog in book().dialogs.values() for step in dialog.table if step.card}
    assert cards | set(FOUND) == CATEGORIES.keys()
    assert all(name in text for name in CATEGORIES.values())


def test_a_count_of_another_version_is_told_as_well():
    assert row(made(tally("something_else", 9)), "something_else") == ["9", "0"]


def test_the_protocol_and_an_unfinished_year_are_named():
    assert "<https://example.org/safety>" in made()
    assert "SAFETY_PROTOCOL_URL" in made(protocol=None)
    assert "not over yet" not in made()
    assert "not over yet" in made(year=2027)


def test_the_command_prints_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'closer.db'}")
    monkeypatch.setenv("CLOSER_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("SAFETY_PROTOCOL_URL", "https://example.org/ours")
    (tmp_path / "said").write_text("/sos\n" * 1, "utf-8")
    with (tmp_path / "said").open(encoding="utf-8") as typed:
        monkeypatch.setattr("sys.stdin", typed)
        assert main(["chat", "--now", "2025-12-31T23:59:00"]) == 0
    capsys.readouterr()
    assert main(["safety-report", "--year", "2025"]) == 0
    out = capsys.readouterr().out
    assert row(out, CATEGORIES["asked"]) == ["fewer than 5", "fewer than 5"]
    assert "https://example.org/ours" in out
    assert main(["safety-report"]) == 0
    assert row(capsys.readouterr().out, CATEGORIES["asked"]) == ["0", "0"]
