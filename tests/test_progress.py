"""Looking back and deleting, on the real dialogs and through the whole runtime: nothing, one, and years of what was kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.conversation.charts import Bars, Courses
from bot.conversation.effects import CHECKIN, Draw, Drop
from bot.conversation.facts import CHECKINS, ENTRIES, NUDGES, PROGRESS, Consent
from bot.conversation.walk import Turn
from bot.handlers.progress import PAGE
from bot.pictures.studio import MOST, Studio
from bot.runtime import Runtime
from bot.settings import Settings
from tests.disk import rows
from tests.kernel import START, by_numbers, called, keys, opened, parts, screen, tapped, text_of, through
from tests.person import Person, remembered

BOTH = tuple(Consent(purpose=purpose, version=1, at=START) for purpose in (PROGRESS, CHECKINS))


def entry(kind: str, days: float, number: int = 0, **content: Any) -> dict[str, Any]:
    at = (START - timedelta(days=days)).isoformat()
    return {"id": f"{number or int(days * 100):08x}{'0' * 24}", "kind": kind, "at": at, "content": content}


def result(days: float, **shares: float) -> dict[str, Any]:
    return entry("exploration", days, shares=shares, needs=[need for need, share in shares.items() if share > 0.4])


def checkin(days: float, score: int | None = 6, direct: str | None = "some", touch: str | None = "less") -> dict[str, Any]:
    return entry(CHECKIN, days, instrument="ucla3", version=1, answers=[], score=score, direct=direct, touch=touch)


def adult(*entries: Mapping[str, Any], consents: tuple[Consent, ...] = BOTH) -> Turn:
    turn = opened(consents)
    papers = {NUDGES: None, ENTRIES: {"entries": sorted(entries, key=lambda e: e["at"])}}
    return tapped(replace(turn, facts=replace(turn.facts, papers=papers)), "adult")


def page(*entries: Mapping[str, Any], consents: tuple[Consent, ...] = BOTH) -> Turn:
    return called(adult(*entries, consents=consents), "progress")


def drawn(turn: Turn) -> Draw:
    return next(effect for effect in turn.effects if isinstance(effect, Draw))


def test_without_a_yes_nothing_is_kept_and_the_page_says_so():
    turn = page(consents=())
    assert "Nothing of yours is kept here" in text_of(turn)
    assert {"remember", "keep_checkins", "checkin"} <= set(keys(turn))
    assert not {"list", "week"} & set(keys(turn))
    assert screen(tapped(turn, "remember")) == ("privacy", "ask")


def test_with_nothing_kept_yet():
    assert "nothing to look back on yet" in text_of(page())


def test_the_page_counts_and_names_the_latest():
    text = text_of(page(result(40, touch=0.8), result(2, emotional=0.9), checkin(3), entry("nudge", 1, nudge="song_sent")))
    assert "since January 20" in text
    assert ("Results: 2" in text, "Check-ins: 1" in text, "Daily ideas done: 1" in text) == (True, True, True)
    assert "Result: Emotional closeness" in text


def test_results_over_time_are_told_and_drawn():
    turn = tapped(page(result(40, touch=0.8, desire=0.1), result(2, touch=0.2)), "needs")
    chart = drawn(turn).chart
    assert isinstance(chart, Courses)
    assert [row.points for row in chart.rows] == [
        (((START - timedelta(days=40)).date(), 0.8), ((START - timedelta(days=2)).date(), 0.2)),
        (((START - timedelta(days=40)).date(), 0.1),),
    ]
    assert "January 20" in text_of(turn)
    assert screen(turn) == ("progress", "page")


def test_checkins_over_time_are_told_and_drawn():
    turn = tapped(page(checkin(30, 3, "never", "enough"), checkin(1, 9, "often", "more")), "checkins")
    chart = drawn(turn).chart
    assert isinstance(chart, Courses)
    assert [[value for _, value in row.points] for row in chart.rows] == [[0.0, 1.0], [0.0, 1.0], [1.0]]
    assert "small ups and downs mean little" in text_of(turn)


def test_what_cannot_be_drawn_is_told_all_the_same():
    turn = tapped(page(checkin(1, None, None, None), entry("exploration", 1, 9)), "checkins")
    assert not turn.effects
    assert "Check-in" in text_of(turn)
    assert not tapped(turn, "needs").effects


def test_five_years_of_it():
    entries = [result(days, touch=0.5, desire=0.2) for days in range(1, 5 * 365, 7)]
    entries += [entry("nudge", days, number=days + 10**6, nudge="song_sent") for days in range(5 * 365)]
    turn = tapped(page(*entries), "needs")
    chart = drawn(turn).chart
    assert isinstance(chart, Courses)
    assert len(chart.rows[0].points) == 261
    assert f"And {261 - 5} before that" in text_of(turn)
    assert len(text_of(tapped(turn, "list"))) < 2_500


def test_the_week_is_the_last_seven_days():
    near, far = entry("reflection", 6.9, words="it was warm"), entry("nudge", 7.1, nudge="song_sent")
    text = text_of(tapped(page(near, far), "week"))
    assert "it was warm" in text
    assert "song" not in text
    assert "Nothing was kept in the last seven days" in text_of(tapped(page(far), "week"))


def test_what_a_newer_or_an_older_version_kept_is_no_accident():
    odd = (
        entry("something new", 1),
        entry("nudge", 2, nudge="gone since"),
        entry("exploration", 3, needs=["no need"], shares={"no need": 1.0}),
        entry(CHECKIN, 4, instrument="other", version=9, score=77, direct="?", touch="?"),
    )
    turn = page(*odd)
    for part in ("needs", "checkins", "ideas", "week", "list"):
        assert text_of(tapped(turn, part))


def test_one_tap_deletes_one():
    turn = tapped(page(checkin(1), checkin(2)), "list")
    key = keys(turn)[1]
    turn = tapped(turn, key)
    assert [effect for effect in turn.effects if isinstance(effect, Drop)] == [Drop(checkin(2)["id"])]
    assert "Deleted" in text_of(turn)
    assert keys(turn)[1:] == ["page", "done"]
    assert screen(tapped(turn, keys(turn)[0])) == ("progress", "page")


def test_the_list_has_pages_and_stays_on_one_after_deleting():
    turn = tapped(page(*(checkin(day) for day in range(1, 2 * PAGE + 2))), "list", "older", "older")
    assert keys(turn)[1:] == ["newer", "page", "done"]
    turn = tapped(tapped(turn, "newer"), keys(tapped(turn, "newer"))[0])
    assert f"{PAGE + 1}. " in text_of(turn)
    turn = tapped(turn, ":back", "page", "list")
    assert "1. " in text_of(turn)


def test_deleting_the_last_of_a_page_shows_the_one_before():
    turn = tapped(page(*(checkin(day) for day in range(1, PAGE + 2))), "list", "older")
    turn = tapped(turn, keys(turn)[0])
    assert len([key for key in keys(turn) if key.startswith("delete_")]) == PAGE


def test_the_exploration_ends_with_a_picture_of_its_bars():
    turn = through(tapped(adult(consents=()), "full"), by_numbers([3, 1, 2]))[-1]
    chart = drawn(turn).chart
    assert isinstance(chart, Bars)
    assert 1 <= len(chart.rows) <= 5
    skipped = through(tapped(adult(consents=()), "full"), by_numbers([0]))[-1]
    assert not [effect for effect in skipped.effects if isinstance(effect, Draw)]


# -- through the whole runtime -----------------------------------------------------------------------------------------


async def taps(person: Person, *keys: str) -> None:
    for key in keys:
        await person.tap(key)


async def finished(person: Person) -> None:
    await remembered(person)
    while ":skip" in person.keys:
        await person.tap(":skip" if person.last.writes else person.keys[0])
        if ":done" in person.keys and person.last.several:
            await person.tap(":done")
    await person.tap("leave")


@pytest.mark.parametrize("language", ["en", "qps"])
async def test_a_picture_comes_with_words_and_no_name(runtime: Runtime, language: str):
    person = Person(runtime, language=language)
    await finished(person)
    await person.tap(":back")
    await person.tap("again")
    (picture,) = person.last.files
    assert (picture.name, picture.picture, picture.data[:4]) == ("chart.png", True, b"\x89PNG")
    assert picture.alt
    assert b"tEXt" not in picture.data


async def test_who_deletes_a_result_and_corrects_it_keeps_the_correction_and_the_results_before(
    runtime: Runtime, settings: Settings
):
    person = Person(runtime)
    rest = ("forgot", "someone", "gotit", "never")
    await person.open()
    await taps(person, "adult", "quick", "few", *rest, "remember", "yes")
    later = runtime.clock() + timedelta(hours=1)
    runtime.clock = lambda: later
    await person.call("why")
    await taps(person, "over", "quick", "one", *rest)
    keeping = runtime.library.text("en", "why.result.leave_keeping")
    assert keeping in [button.label for button in person.buttons]
    await taps(person, "leave", ":back")
    assert keeping not in [button.label for button in person.buttons]
    await taps(person, "progress", "list")
    latest = next(key for key in person.keys if key.startswith("delete_"))
    await taps(person, latest, "done")
    assert rows(settings)["entries"] == 1
    await taps(person, "adjust", "add_desire", "done", "leave")
    assert rows(settings)["entries"] == 2


async def test_deleting_removes_it_from_the_disk(runtime: Runtime, settings: Settings):
    person = Person(runtime)
    await finished(person)
    assert rows(settings)["entries"] == 1
    await person.call("progress")
    await person.tap("list")
    await person.tap(next(key for key in person.keys if key.startswith("delete_")))
    assert rows(settings)["entries"] == 0
    assert person.sees("progress.gone.text")


class Broken:
    """A hand that drops the brush."""

    def __call__(self, *_: object) -> bytes:
        raise RuntimeError("touch")


async def test_one_that_cannot_be_drawn_costs_nothing_but_itself(runtime: Runtime, capsys: pytest.CaptureFixture[str]):
    runtime._studio = Studio(runtime.library, Broken())
    person = Person(runtime)
    await finished(person)
    await person.tap(":back")
    assert await person.tap("again")
    assert not person.last.files
    said = capsys.readouterr()
    assert '"event": "picture_left_out"' in said.err
    assert "touch" not in said.out + said.err


async def test_of_a_crowd_some_get_the_words_alone(runtime: Runtime):
    import asyncio

    studio = Studio(runtime.library, lambda figure, dates: b"drawn")
    turn = tapped(page(checkin(1)), "checkins")
    found = await asyncio.gather(*(studio.pictures(turn.effects, "en") for _ in range(MOST + 3)))
    assert [len(files) for files in found] == [1] * MOST + [0] * 3
    assert len(await studio.pictures(turn.effects, "en")) == 1


async def test_what_is_in_the_alt_is_what_is_on_the_picture(runtime: Runtime):
    studio = Studio(runtime.library, lambda figure, dates: b"drawn")
    effects = tapped(page(result(3, touch=0.6)), "needs").effects
    (file,) = await studio.pictures(effects, "en")
    assert file.alt == "Picture of your needs on February 26, 2026: Touch 3 of 5."


def test_the_words_of_the_samples_stand(runtime: Runtime):
    assert parts().book.samples
    for papers in parts().book.samples:
        for each in papers[ENTRIES]["entries"]:
            assert datetime.fromisoformat(each["at"]).tzinfo
