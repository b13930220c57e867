"""The menu of commands, and direct messages."""

from __future__ import annotations

import json

from tests.discord.somebody import DIRECT
from tests.person import at_first_question

# -- the menu ---------------------------------------------------------------------------------------------------------


async def test_the_menu_is_written_once_and_not_again(world):
    writes = lambda: len(world.requests("PUT", "/commands$"))  # noqa: E731
    assert writes() == 1
    await world.restart()
    assert writes() == 1
    commands = world.env.backend.commands[None]
    commands[("why", 1)]["description"] = "something else"
    await world.restart()
    assert writes() == 2
    asked = world.requests("GET", "/commands$")
    assert len(asked) == 3
    assert all(request.params["with_localizations"] == "true" for request in asked)


async def test_no_menu_is_no_reason_not_to_begin(world):
    world.env.inject_error("GET", "/applications/*/commands", status=500)
    await world.restart()
    person = world.person(DIRECT)
    await person.send_dm("/why")
    assert person.sees("welcome.hello.text")


# -- direct messages --------------------------------------------------------------------------------------------------


async def test_direct_messages_are_read_as_words_commands_or_neither(world):
    person = world.person(DIRECT)
    await person.send_dm("/Start now")
    assert person.sees("welcome.hello.text")
    assert not person.last.flags.ephemeral
    await person.send_dm("yes")
    assert person.sees("why.start.text")
    await person.send()
    assert person.sees("lines.media")
    await person.send_dm("i want to kill myself", picture=True)
    assert person.sees("safety.help")
    await person.send_dm("/")
    assert person.seen


async def test_what_is_written_in_a_server_is_not_heard(world):
    person = world.person()
    await person.member.send(world.channel, "yes")
    assert all(request.method != "POST" for request in world.env.http_requests)


async def test_nobody_is_mentioned_and_no_preview_unfolds(world):
    person = await at_first_question(world.person(DIRECT))
    await person.call("about")
    await person.tap("sources")
    await person.send_dm("<@1> @everyone https://example.com")
    sent = [request.json for request in world.env.http_requests if request.method == "POST" and request.json]
    bodies = [body.get("data", body) for body in sent]
    assert bodies
    assert all(body["allowed_mentions"] == {"parse": []} for body in bodies if body.get("content"))
    text = json.dumps(bodies)
    assert "https://" in text
    assert text.count("https://") == text.count("<https://")
