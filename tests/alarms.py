"""Alarms as the check raises them, and the state that nothing but memory holds: for tests of the help."""

from __future__ import annotations

from bot.conversation.events import Alarmed
from bot.conversation.session import Session
from bot.conversation.walk import Turn
from bot.packing import decode
from tests.kernel import new_id, opened, tapped, then
from tests.person import Person

DANGER = "i want to kill myself"
ASKING = "what is the point of living"


def alarm(turn: Turn, category: str, tier: str = "urgent", *also: str) -> Turn:
    return then(turn, Alarmed(id=new_id(), tier=tier, category=category, also=also))


def adult() -> Turn:
    """On the first question."""
    return tapped(opened(), "adult", "full")


def in_memory(person: Person) -> Session:
    packed = person.runtime.memory.get(person.runtime.store.person(person.address), 0)
    assert packed is not None
    return decode(packed)
