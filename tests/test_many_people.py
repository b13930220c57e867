"""Many people at once, bounded memory, two programs on one database, and a store that fails."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from bot.conversation.events import Tapped
from bot.packing import decode
from bot.ports import Address, Change, Store, StoreError
from tests.disk import rows
from tests.person import Person, at_first_question, remembered, write_own_words


class Watched:
    """A store that counts who is in a commit at the same time, and fails where it is told to."""

    def __init__(self, store: Store) -> None:
        self.store, self.person, self.close = store, store.person, store.close
        self.inside: Counter[bytes] = Counter()
        self.most_of_one = self.most_at_once = 0
        self.broken: set[str] = set()

    async def load(self, person: bytes) -> Any:
        self._check("load")
        return await self.store.load(person)

    async def commit(self, person: bytes, address: Address, change: Change) -> None:
        self._check("commit")
        self.inside[person] += 1
        self.most_of_one = max(self.most_of_one, self.inside[person])
        self.most_at_once = max(self.most_at_once, sum(self.inside.values()))
        try:
            await self.store.commit(person, address, change)
        finally:
            self.inside[person] -= 1

    async def erase(self, person: bytes) -> bool:
        self._check("erase")
        return await self.store.erase(person)

    async def nudging(self, person: bytes) -> Any:
        self._check("nudging")
        return await self.store.nudging(person)

    async def export(self, person: bytes) -> Any:
        self._check("export")
        return await self.store.export(person)

    def _check(self, act: str) -> None:
        if act in self.broken:
            raise StoreError("The disk is full: make room.")


@pytest.fixture
def watched(runtime):
    runtime.store = Watched(runtime.store)
    return runtime.store


async def answers(person: Person) -> dict[str, Any]:
    record = await person.runtime.store.load(person.runtime.store.person(person.address))
    return decode(record.session).frames["why"].answers


# -- side by side ----------------------------------------------------------------------------------------------------


async def test_two_people_in_turn_do_not_touch_each_other(runtime):
    one = await remembered(Person(runtime, name="one"))
    two = await at_first_question(Person(runtime, name="two"))
    await one.tap("weeks")
    await two.tap("few")
    await two.tap("week")
    assert one.sees("intimacy.questions.tell.text")
    assert await answers(one) == {"start": "full", "place": "new", "hug": "weeks"}
    await two.call("forget")
    await two.tap("yes")
    assert await answers(one) == {"start": "full", "place": "new", "hug": "weeks"}


async def test_the_same_name_on_two_platforms_is_two_people(runtime):
    here = await remembered(Person(runtime, name="same", platform="telegram"))
    there = Person(runtime, name="same", platform="discord")
    await there.open()
    assert there.sees("welcome.hello.text")
    assert here.sees("intimacy.questions.hug.text")


async def test_fifty_people_side_by_side_each_get_their_own(runtime, watched, settings):
    choices = ("week", "weeks", "months", "forgot", "without")

    async def talk(number: int) -> Person:
        person = await remembered(Person(runtime, name=f"person {number}"))
        await person.tap(choices[number % 5])
        await write_own_words(person, f"words of {number}")
        return person

    people = await asyncio.gather(*(talk(number) for number in range(50)))
    for number, person in enumerate(people):
        mine = await answers(person)
        assert (mine["hug"], mine["own"]) == (choices[number % 5], f"words of {number}")
        assert f"words of {number}" in person.text
    assert rows(settings)["people"] == 50
    assert watched.most_of_one == 1
    assert watched.most_at_once > 1
    assert not len(runtime._turns)


async def test_one_persons_turns_wait_for_each_other(runtime, watched):
    person = await remembered(Person(runtime))
    turn = person.last.turn
    both = [person.runtime.turn(person.address, Tapped(id=f"tap {n}", turn=turn, key="weeks")) for n in range(5)]
    replies = await asyncio.gather(*both)
    assert watched.most_of_one == 1
    assert (await answers(person))["hug"] == "weeks"
    assert "tell" not in await answers(person)
    assert {reply[-1].turn for reply in replies} == {turn + 1}


async def test_whoever_gives_up_waiting_holds_nobody_up(runtime, watched):
    person = await remembered(Person(runtime))
    name = watched.person(person.address)
    async with runtime._turns.of(name):
        waiting = asyncio.ensure_future(person.runtime.turn(person.address, Tapped(id="x", turn=1, key="weeks")))
        await asyncio.wait([waiting], timeout=0)
        assert len(runtime._turns) == 1
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert not len(runtime._turns)
    await person.tap("weeks")
    assert person.sees("intimacy.questions.tell.text")


# -- bounds ----------------------------------------------------------------------------------------------------------


async def test_what_is_not_kept_is_gone_after_a_day(runtime, clock):
    person = await at_first_question(Person(runtime))
    clock.pass_(hours=23.9)
    await person.say("few places")
    assert person.sees("intimacy.questions.hug.text")
    clock.pass_(hours=23.9)
    await person.say("this week")
    assert person.sees("intimacy.questions.tell.text")
    clock.pass_(hours=24)
    await person.say("someone who really listens")
    assert person.sees("welcome.lost.text")


async def test_what_is_kept_outlasts_a_year(runtime, clock):
    person = await remembered(Person(runtime))
    clock.pass_(days=400)
    await person.tap("week")
    assert person.sees("intimacy.questions.tell.text")


async def test_memory_holds_so_many_people_and_no_more(again):
    runtime = await again(memory_sessions=3)
    people = [await at_first_question(Person(runtime, name=f"p{n}")) for n in range(5)]
    assert len(runtime.memory) == 3
    for person in people[2:]:
        await person.tap("few")
        assert person.sees("intimacy.questions.hug.text")
    for person in people[:2]:
        await person.say("1")
        assert person.sees("welcome.lost.text")


async def test_sessions_held_ready_are_bounded_and_nobody_is_lost(again):
    runtime = await again(cached_sessions=2)
    people = [await remembered(Person(runtime, name=f"p{n}")) for n in range(5)]
    for person in people:
        await person.tap("weeks")
        assert person.sees("intimacy.questions.tell.text")
        assert len(runtime._known) <= 2
    assert not len(runtime.memory)


# -- two programs on one database ------------------------------------------------------------------------------------


async def test_what_another_program_wrote_is_seen_before_anything_counts(again):
    here = await remembered(Person(await again()))
    there = Person(await again())
    await there.open()
    await there.tap("on")
    await there.tap("weeks")
    assert there.sees("intimacy.questions.tell.text")
    await here.tap("months")
    assert here.sees("lines.stale")
    assert here.sees("intimacy.questions.tell.text")
    await here.tap("someone")
    await there.say("someone")
    assert await answers(there) == {"start": "full", "place": "new", "hug": "weeks", "tell": "someone"}


async def test_whoever_was_forgotten_elsewhere_stays_forgotten(again, settings):
    here = await remembered(Person(await again()))
    there = Person(await again())
    await there.call("forget")
    await there.tap("yes")
    await here.say("weeks")
    assert here.sees("welcome.lost.text")
    assert rows(settings)["people"] == 0


async def test_two_programs_at_once_take_every_turn(again):
    here = await remembered(Person(await again()))
    there = Person(await again())
    await there.open()
    for _ in range(5):
        await asyncio.gather(here.call("help"), there.call("about"))
        assert not here.sees("lines.trouble")
        assert not there.sees("lines.trouble")
    record = await here.runtime.store.load(here.runtime.store.person(here.address))
    assert len([name for name in decode(record.session).recent if name.startswith("e")]) >= 10


async def test_a_yes_given_in_two_programs_is_no_trouble(again, settings):
    here = await at_first_question(Person(await again()))
    there = await at_first_question(Person(await again()))
    for person in (here, there):
        await person.call("privacy")
        await person.tap("remember")
        await person.tap("yes")
        assert not person.sees("lines.trouble")
    assert rows(settings)["people"] == 1
    await there.call("privacy")
    assert there.sees("privacy.page.stored")


# -- a store that fails ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["load", "commit"])
async def test_a_store_that_fails_is_said_kindly_and_nothing_is_half_written(act, runtime, watched):
    person = await remembered(Person(runtime))
    before = await watched.store.load(watched.person(person.address))
    runtime._known.clear()
    watched.broken = {act}
    await person.tap("weeks")
    assert person.sees("lines.trouble")
    assert ":sos" in person.keys
    assert await watched.store.load(watched.person(person.address)) == before
    watched.broken = set()
    await person.say("a few weeks back")
    assert (await answers(person))["hug"] == "weeks"
    assert person.sees("intimacy.questions.tell.text")


@pytest.mark.parametrize("act", ["load", "commit"])
async def test_a_store_that_fails_makes_nobody_believe_that_all_is_lost(act, runtime, watched):
    person = await remembered(Person(runtime))
    runtime._known.clear()
    watched.broken = {act}
    await person.say("a few weeks back")
    assert not person.sees("welcome.lost.text")
    await person.call("privacy")
    assert person.sees("lines.trouble")
    assert not person.sees("privacy.page.nothing")


@pytest.mark.parametrize("act", ["load", "commit"])
async def test_words_of_danger_need_no_store(act, runtime, watched):
    person = await remembered(Person(runtime))
    runtime._known.clear()
    watched.broken = {act}
    await person.say("i want to kill myself")
    assert person.sees("safety.urgent.text")
    assert person.sees("safety.help")
    await person.call("sos")
    assert person.sees("safety.help")


async def test_an_erasure_that_fails_is_not_called_done(runtime, watched, settings):
    person = await remembered(Person(runtime))
    watched.broken = {"erase"}
    await person.call("forget")
    await person.tap("yes")
    assert person.sees("lines.trouble")
    assert not person.sees("privacy.gone.text")
    assert rows(settings)["people"] == 1


async def test_a_yes_that_fails_is_not_called_kept(runtime, watched, settings):
    person = await at_first_question(Person(runtime))
    await person.call("privacy")
    await person.tap("remember")
    watched.broken = {"commit"}
    await person.tap("yes")
    assert person.sees("lines.trouble")
    assert not person.sees("privacy.granted.text")
    watched.broken = set()
    await person.call("privacy")
    assert person.sees("privacy.page.nothing")


async def test_whoever_keeps_nothing_does_not_notice_a_broken_store(runtime, watched):
    person = await at_first_question(Person(runtime))
    watched.broken = {"load", "commit", "erase", "export"}
    await person.tap("new")
    assert person.sees("intimacy.questions.hug.text")
