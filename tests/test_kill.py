"""Killed at any moment, a conversation that is to be remembered lost no answer that was replied to, and counts none twice."""

from __future__ import annotations

import asyncio
import contextlib
import random

import pytest

from bot.conversation.session import Session
from bot.packing import decode
from bot.ports import Address
from storage.keys import KeySource
from storage.store import open_store
from tests.talk import LAST, Desk, read_until

KILLS = 10
OPT_IN = ["yes", "/privacy", "remember", "yes"]
# From wherever one is: to the first screen of the exploration, with no answer given.
OVER = ["/why", "start over", "/why"]
BEGIN = "about 5 minutes"
ANSWERS = ["1"] * 10
TURN = LAST.encode() + b"\n"


def kept(desk: Desk, user: str) -> Session:
    """The session as it stands on disk."""

    async def read() -> Session:
        store = await open_store(f"sqlite:///{desk.db}", KeySource(file=desk.key))
        try:
            record = await store.load(store.person(Address(platform="terminal", user=user)))
        finally:
            await store.close()
        assert record is not None
        assert record.session is not None
        return decode(record.session)

    return asyncio.run(read())


def killed(desk: Desk, lines: list[str], heard: int) -> int:
    """Send all lines at once, kill the program once it has said that many bytes; how many turns were read in full."""
    program = desk.start()
    assert program.stdin
    assert program.stdout
    assert program.stderr
    program.stdin.write("".join(f"{line}\n" for line in lines).encode())
    program.stdin.flush()
    out = b""
    while len(out) < heard:
        more = read_until(program.stdout.fileno(), b"\n", b"")
        if not more:
            break
        out += more
    program.kill()
    program.wait(30)
    for stream in (program.stdin, program.stdout, program.stderr):
        with contextlib.suppress(BrokenPipeError):
            stream.close()
    # What was still under way in the pipe when it was killed was not read, and is no reply.
    return out[:heard].count(TURN)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_no_answer_that_was_replied_to_is_lost(desk):
    dice = random.Random(20261122)
    whole = desk.chat([*OPT_IN, BEGIN, *ANSWERS], "--user", "whole")
    trail = kept(desk, "whole").frames["why"].trail
    assert len(trail) == 1 + len(ANSWERS)
    spoken = sum(len(turn.encode()) for turn in whole.turns[-len(ANSWERS) :])

    desk.chat(OPT_IN)
    reached = set()
    for _ in range(KILLS):
        read = killed(desk, [BEGIN, *ANSWERS], dice.randrange(300, 300 + spoken))
        found = kept(desk, "you").frames["why"]
        reached.add(len(found.trail))
        assert found.trail == trail[: len(found.trail)], "an answer counted twice, or one of them is missing"
        # One turn is the opening; each further one replied to an answer.
        assert len(found.trail) >= read - 1
        opening, question, *_ = desk.chat(["go on", *OVER]).turns
        if found.trail and found.step != "result":
            assert opening.startswith("We were at question ")
            assert f"{opening.split()[4]} of about " in question
    assert len(reached) > 3, "the kills came at different moments"
