"""Somebody who asked for nudges, in a real store."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from bot.conversation.facts import NUDGES, Consent
from bot.nudges.compose import Sent
from bot.nudges.plan import pack_past
from bot.ports import Address, Change, Nudging, Store
from tests.nudges.scene import packed, plan


async def joined(
    store: Store, user: str, due: datetime, past: tuple[Sent, ...] = (), *, platform: str = "telegram", **changes: Any
) -> bytes:
    address = Address(platform=platform, user=user)
    person = store.person(address)
    nudging = Nudging(plan=packed(plan(**changes)), past=json.dumps(pack_past(past)).encode(), due=due, version=1)
    consents = (Consent(purpose=NUDGES, version=1, at=due),)
    await store.commit(person, address, Change(session=None, version=1, consents=consents, nudging=nudging))
    return person
