"""What several tests do and look at in a simulated Discord, beyond what a person does with a well-behaved app."""

from __future__ import annotations

from typing import Any

import discord
from simcord import interactions
from simcord.backend import serializers
from simcord.enums import InteractionType
from simcord.results import to_discord_message

from tests.discord.somebody import Somebody, World
from tests.person import at_first_question

CALLBACK = "/interactions/*/*/callback"


async def result(person: Somebody) -> Somebody:
    """With a result, which is worth keeping, on screen."""
    await at_first_question(person)
    while not person.sees("intimacy.questions.own.text"):
        await person.tap(":skip")
    await person.say("I miss her")
    assert person.sees("why.result.limits")
    return person


async def forged(person: Somebody, custom: str, *, where: dict[str, Any] | None = None, **data: Any) -> Any:
    """A press of a control that this person does not have, in a message that they have. `where` changes the whole event."""
    backend = person.world.env.backend
    record, payload = interactions.base_payload(
        backend,
        type=InteractionType.MESSAGE_COMPONENT,
        channel_id=person.last.channel.id,
        guild_id=person.last.guild.id if person.last.guild else None,
        user_id=person.user.id,
        data={"custom_id": custom, "component_type": 2, **data},
    )
    record.source_message_id = person.last.id
    message = serializers.message_payload(backend, backend.get_message(person.last.channel.id, person.last.id))
    backend.emit("INTERACTION_CREATE", {**payload, "message": dict(message), **(where or {})})
    await person.world.env.settle()
    return record


def answers(world: World, record: Any) -> list[discord.Message]:
    """What Discord shows after it."""
    numbers = [number for number in (record.message_id, *record.followup_ids) if number]
    return [to_discord_message(world.env, world.env.backend.get_message(record.channel_id, number)) for number in numbers]


async def again(person: Somebody, message: discord.Message) -> discord.Message:
    """The same message as it is now."""
    history = person.world.channel if message.guild else person.user.dm_channel
    return next(each for each in history.history(viewer=person.actor) if each.id == message.id)
