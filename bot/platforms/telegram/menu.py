"""What Telegram shows of the bot outside the conversation: the menu of commands and the descriptions, in each language.

Written only where it differs from what Telegram has: these calls are few a day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.content.library import Library
from bot.platforms import fit
from bot.platforms.telegram.api import Api

# https://core.telegram.org/bots/api#botcommand, #setmydescription, #setmyshortdescription; languages by ISO 639-1.
LONGEST = {"command": 256, "description": 512, "short_description": 120}
_LANGUAGE = re.compile(r"[a-z]{2}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One of them, in one language (empty for people whose language has none): how to read it, and what to write."""

    thing: str
    language: str
    value: Mapping[str, Any]


def settings(library: Library, commands: Sequence[str]) -> Iterator[Setting]:
    """All that is to be set. The first language of the library is what everybody else gets."""
    first, *others = library.languages
    for language, code in ((first, ""), *((other, other) for other in others if _LANGUAGE.fullmatch(other))):
        listed = [
            {"command": name, "description": fit.label(library.text(language, f"commands.{name}"), LONGEST["command"])}
            for name in commands
        ]
        yield Setting(thing="Commands", language=code, value={"commands": listed})
        for thing, key in (("Description", "description"), ("ShortDescription", "short_description")):
            text = fit.label(library.text(language, f"telegram.{key}"), LONGEST[key])
            yield Setting(thing=thing, language=code, value={key: text})


async def sync(api: Api, library: Library, commands: Sequence[str]) -> int:
    """Set what differs; return how many that were. Raises telegram.error.TelegramError."""
    changed = 0
    for setting in settings(library, commands):
        where = {"language_code": setting.language} if setting.language else {}
        present = await api.call(f"getMy{setting.thing}", where)
        wanted: Any = setting.value["commands"] if setting.thing == "Commands" else dict(setting.value)
        if present != wanted:
            await api.call(f"setMy{setting.thing}", {**setting.value, **where})
            changed += 1
    return changed
