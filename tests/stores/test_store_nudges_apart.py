"""Two processes want the same moments, and one is killed: each is claimed once, and what was under way is visible."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tests.stores.conftest import NOW

if TYPE_CHECKING:
    from tests.stores.conftest import World

# Reads what is due, says so, waits for a word, claims all of it, and says which were its own.
CLAIMER = """
import asyncio, sys
from datetime import datetime, timedelta
from pathlib import Path
from bot.ports import Claim
from storage.keys import KeySource
from storage.store import open_store

url, key, moment = sys.argv[1:]
NOW = datetime.fromisoformat(moment)


async def main():
    store = await open_store(url, KeySource(file=Path(key)), now=lambda: NOW)
    found = await store.due("terminal", NOW, 999)
    print(len(found), flush=True)
    sys.stdin.readline()
    claims = [
        Claim(person=due.person, seen=due.since, version=due.version, next=NOW + timedelta(days=1), day=7, slot=0,
              state="claimed")
        for due in found
    ]
    won = await store.claim(claims)
    print(*(claim.person.hex() for claim, ours in zip(claims, won, strict=True) if ours), flush=True)
    sys.stdin.readline()
    await store.close()


asyncio.run(main())
"""
PEOPLE = 40


def claimer(world: World) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", CLAIMER, world.url, str(world.key_file), NOW.isoformat()]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def say(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("go on\n")
    process.stdin.flush()


def heard(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout
    return process.stdout.readline().split()


async def people(world: World) -> set[str]:
    store = await world.open()
    found = {(await world.agree(store, f"p{number}", nudging=world.nudging())).hex() for number in range(PEOPLE)}
    await world.close()
    return found


def noted(world: World) -> list[tuple[str, str]]:
    return [(person.hex(), state) for person, state in world.sql("SELECT person, state FROM deliveries")]


async def test_of_two_processes_each_moment_is_claimed_by_one(world: World) -> None:
    everybody = await people(world)
    one, two = processes = [claimer(world), claimer(world)]
    with one, two:
        # Both have read all before either claims.
        assert [heard(process) for process in processes] == [[str(PEOPLE)]] * 2
        for process in processes:
            say(process)
        won = [heard(process) for process in processes]
        for process in processes:
            say(process)
    assert [process.returncode for process in processes] == [0, 0]
    assert sorted([*won[0], *won[1]]) == sorted(everybody)
    assert sorted(noted(world)) == sorted((person, "claimed") for person in everybody)


async def test_what_was_claimed_by_one_that_was_killed_stays_visible_and_is_not_claimed_again(world: World) -> None:
    everybody = await people(world)
    with claimer(world) as process:
        heard(process)
        say(process)
        assert set(heard(process)) == everybody
        process.kill()
    store = await world.open()
    assert await store.due("terminal", NOW, 999) == []
    assert len(await store.due("terminal", NOW + timedelta(days=1), 999)) == PEOPLE
    assert sorted(noted(world)) == sorted((person, "claimed") for person in everybody)
    counts = await store.counts(NOW, date.min)
    assert counts.deliveries["claimed"] == PEOPLE
