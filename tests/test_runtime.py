"""What is kept, and what is not: consent, restarts, withdrawal, erasure and copies, through the whole runtime."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from bot.content.render import File
from bot.conversation.events import Tapped, Typed
from bot.conversation.session import Session
from bot.packing import decode
from tests.disk import rows, written
from tests.person import Person, at_first_question, remembered, write_own_words

NOTHING = {"people": 0, "consents": 0, "sessions": 0, "entries": 0}
WORDS = "zebra crossing at noon"


async def kept(person: Person) -> Session:
    record = await person.runtime.store.load(person.runtime.store.person(person.address))
    assert record is not None
    assert record.session is not None
    return decode(record.session)


# -- before a yes ----------------------------------------------------------------------------------------------------


async def test_before_a_yes_nothing_is_written(runtime, settings):
    before = written(settings)
    person = await at_first_question(Person(runtime))
    await write_own_words(person, WORDS)
    await person.tap("leave")
    await person.call("privacy")
    assert person.sees("privacy.page.nothing")
    await person.call("export")
    await person.call("stop")
    assert written(settings) == before
    assert rows(settings) == NOTHING


async def test_a_no_keeps_nothing_and_costs_nothing(runtime, settings):
    person = await at_first_question(Person(runtime))
    await person.call("privacy")
    await person.tap("remember")
    await person.tap("no")
    assert person.sees("privacy.declined.text")
    assert person.sees("intimacy.questions.place.text")
    assert rows(settings) == NOTHING


async def test_after_a_restart_words_are_no_answer_for_whom_nothing_is_kept(again):
    person = await at_first_question(Person(await again()))
    person.runtime = await again()
    for words in ("1", "yes", "new here"):
        await person.say(words)
        assert person.sees("welcome.lost.text")
        assert person.keys[0] == "again"
        person.runtime = await again()
    await person.tap("again", turn=1)
    assert person.sees("welcome.lost.text")
    await person.tap("again")
    assert person.sees("welcome.hello.text")


async def test_after_a_restart_words_of_danger_are_answered_first(again):
    person = await at_first_question(Person(await again()))
    person.runtime = await again()
    await person.say("i want to kill myself")
    assert person.sees("safety.urgent.text")
    assert person.sees("safety.help")
    assert not person.sees("welcome.lost.text")


# -- after a yes -----------------------------------------------------------------------------------------------------


async def test_a_yes_is_kept_with_its_date_and_wording(runtime, settings, clock):
    clock.pass_(days=3)
    person = await remembered(Person(runtime))
    assert person.sees("privacy.granted.text")
    assert person.sees("intimacy.questions.hug.text")
    assert rows(settings) == {"people": 1, "consents": 1, "sessions": 1, "entries": 0}
    await person.call("privacy")
    assert "November 25, 2026 (version 1 of the text)" in person.text
    assert "withdraw_progress" in person.keys
    assert "remember" not in person.keys


async def test_nothing_readable_stands_on_disk(runtime, settings):
    person = await remembered(Person(runtime, name="a-very-unusual-name"))
    await write_own_words(person, WORDS)
    stored = written(settings)
    for secret in (b"a-very-unusual-name", WORDS.encode(), b"zebra", b'"place"', b"terminal"):
        assert secret not in stored
    assert rows(settings)["sessions"] == 1


async def test_a_restart_asks_whether_to_go_on(again):
    person = await remembered(Person(await again()))
    await person.tap("weeks")
    person.runtime = await again()
    await person.open()
    assert person.sees("resume.ask.question")
    assert "We were at question 3 of about" in person.text
    await person.tap("on")
    assert person.sees("intimacy.questions.tell.text")
    assert (await kept(person)).frames["why"].answers == {"start": "full", "place": "new", "hug": "weeks"}


async def test_after_a_restart_an_answer_counts_as_if_nothing_had_happened(again):
    person = await remembered(Person(await again()))
    person.runtime = await again()
    await person.say("this week")
    assert person.sees("intimacy.questions.tell.text")
    assert (await kept(person)).frames["why"].answers["hug"] == "week"


async def test_a_finished_exploration_is_kept_as_an_entry(runtime, settings):
    person = await remembered(Person(runtime))
    await write_own_words(person, WORDS)
    await person.tap("leave")
    assert rows(settings)["entries"] == 1
    files = await exported(person)
    entry = json.loads(files["closer-export.json"])["stored"]["entries"][0]
    assert entry["kind"] == "exploration"
    assert entry["content"]["answers"]["own"] == WORDS
    assert entry["content"]["answers"]["place"] == "new"


# -- counted once ----------------------------------------------------------------------------------------------------


async def test_a_redelivered_event_counts_once(again):
    person = await remembered(Person(await again()))
    tap = Tapped(id="redelivered", turn=person.last.turn, key="weeks")
    first = await person.does(tap)
    before = await kept(person)
    assert person.sees("intimacy.questions.tell.text")
    for _ in range(3):
        assert await person.does(tap) == first
        assert await kept(person) == before
    person.runtime = await again()
    assert await person.does(tap) == first
    assert await kept(person) == before


async def test_ids_need_not_rise(again):
    person = await remembered(Person(await again()))
    for name, key in (("9", "weeks"), ("3", "someone"), ("1", "middle")):
        await person.does(Tapped(id=name, turn=person.last.turn, key=key))
    await person.does(Typed(id="3", text="they got it"))
    assert person.sees("intimacy.questions.heard.text")
    assert "heard" not in (await kept(person)).frames["why"].answers


async def test_a_redelivered_yes_and_a_redelivered_erasure_count_once(runtime, settings):
    person = await at_first_question(Person(runtime))
    await person.call("privacy")
    await person.tap("remember")
    yes = Tapped(id="a yes", turn=person.last.turn, key="yes")
    await person.does(yes)
    await person.does(yes)
    assert rows(settings) == {"people": 1, "consents": 1, "sessions": 1, "entries": 0}
    await person.call("forget")
    forget = Tapped(id="an erasure", turn=person.last.turn, key="yes")
    await person.does(forget)
    await person.does(forget)
    assert person.sees("privacy.gone.text")
    assert rows(settings) == NOTHING


# -- taking it back --------------------------------------------------------------------------------------------------


async def test_a_yes_taken_back_erases_and_goes_on_in_memory(again, settings):
    person = await remembered(Person(await again()))
    await person.tap("weeks")
    await person.call("privacy")
    await person.tap("withdraw_progress")
    assert person.sees("privacy.withdrawn.text")
    assert person.sees("privacy.page.nothing")
    assert rows(settings) == NOTHING
    await person.tap("done")
    assert person.sees("intimacy.questions.tell.text")
    await person.tap("someone")
    assert person.sees("intimacy.questions.laugh.text")
    assert rows(settings) == NOTHING
    person.runtime = await again()
    await person.say("hello")
    assert person.sees("welcome.lost.text")


@pytest.mark.parametrize("platform", ["terminal", "telegram", "discord"])
async def test_forgetting_erases_and_says_what_remains(platform, again, settings):
    person = await remembered(Person(await again(), platform=platform))
    await person.call("forget")
    await person.tap("no")
    assert rows(settings)["people"] == 1
    await person.call("forget")
    await person.tap("yes")
    assert person.sees("privacy.gone.text")
    assert person.sees(f"privacy.remains.{platform}")
    assert person.sees("privacy.gone.backups")
    assert rows(settings) == NOTHING
    person.runtime = await again()
    await person.open()
    assert person.sees("welcome.hello.text")


async def test_forgetting_also_forgets_what_was_never_stored(runtime):
    person = await at_first_question(Person(runtime))
    await person.tap("new")
    await person.call("forget")
    await person.tap("yes")
    assert person.sees("privacy.gone.text")
    await person.call("why")
    assert person.sees("welcome.hello.text")
    files = await exported(person)
    assert "place" not in files["closer-export.json"]


async def test_whoever_turns_out_to_be_too_young_is_erased(again, settings):
    person = await remembered(Person(await again()))
    await person.say("i am 15 years old")
    assert person.sees("safety.minor.text")
    assert rows(settings)["people"] == 1
    await person.tap("yes")
    assert person.sees("welcome.minor.text")
    assert rows(settings) == NOTHING
    await person.call("why")
    assert person.sees("welcome.hello.text")


async def test_stop_ends_the_talk_and_keeps_what_was_asked_to_be_kept(again, settings):
    person = await remembered(Person(await again()))
    await person.call("stop")
    assert person.sees("welcome.stop.text")
    assert rows(settings)["people"] == 1
    person.runtime = await again()
    await person.call("why")
    assert person.sees("resume.ask.question")


# -- copies ----------------------------------------------------------------------------------------------------------


async def exported(person: Person) -> dict[str, str]:
    await person.call("export")
    return {f"closer-export.{file.name.rpartition('.')[2]}": decoded(file) for file in person.last.files}


def decoded(file: File) -> str:
    return file.data.decode("utf-8-sig" if file.name.endswith("csv") else "utf-8")


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict) and value:
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, list) and value:
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


async def test_the_two_copies_hold_the_same(runtime):
    person = await remembered(Person(runtime))
    await write_own_words(person, 'a "quoted", line\nand another; סוף 🙂')
    await person.tap("leave")
    files = await exported(person)
    assert person.sees("privacy.export.stored")
    whole = json.loads(files["closer-export.json"])
    table = list(csv.reader(io.StringIO(files["closer-export.csv"], newline="")))
    assert table[0] == ["where", "value"]
    found = [value if isinstance(value, str) else json.dumps(value) for value in leaves(whole)]
    assert [value for _, value in table[1:]] == found
    assert 'a "quoted", line\nand another; סוף 🙂' in found
    assert whole["stored"]["consents"][0]["purpose"] == "progress"


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x")'])
async def test_no_cell_is_run_as_a_formula(runtime, formula):
    person = await remembered(Person(runtime))
    await write_own_words(person, formula)
    files = await exported(person)
    cells = [cell for row in csv.reader(io.StringIO(files["closer-export.csv"])) for cell in row]
    assert f"'{formula}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert formula in leaves(json.loads(files["closer-export.json"]))


async def test_without_a_yes_the_copy_shows_that_nothing_is_stored(runtime):
    person = await at_first_question(Person(runtime))
    await person.tap("new")
    files = await exported(person)
    assert person.sees("privacy.export.nothing")
    whole = json.loads(files["closer-export.json"])
    assert whole["stored"] is None
    assert "Not yet, I'm new around here" in leaves(whole["in_memory"])


async def test_a_copy_holds_nobody_else(runtime):
    other = await remembered(Person(runtime, name="other"))
    await write_own_words(other, WORDS)
    person = await remembered(Person(runtime))
    assert WORDS not in (await exported(person))["closer-export.json"]
    assert WORDS in (await exported(other))["closer-export.json"]
