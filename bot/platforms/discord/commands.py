"""The menu of slash commands as Discord is told it, and whether what Discord has is the same. Pure.

https://discord.com/developers/docs/interactions/application-commands#application-command-object
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from bot.content.library import Library
from bot.platforms import fit

Json: TypeAlias = Mapping[str, Any]
LONGEST = 100
# To a server and to one's own account; in servers, in the bot's direct messages, and in everybody else's.
INSTALLS, CONTEXTS = [0, 1], [0, 1, 2]
_CHAT = 1
_NAME = re.compile(r"[-_'\w]{1,32}")


def menu(library: Library, names: Sequence[str], locales: Iterable[str]) -> list[dict[str, Any]]:
    """All commands. `locales` are those that Discord knows: each that the library speaks gets its own words."""
    first = library.languages[0]
    others = {locale: language for locale in sorted(locales) if (language := library.spoken(locale)) and language != first}
    return [
        {
            "type": _CHAT,
            "name": name,
            "name_localizations": {place: own for place, lang in others.items() if (own := _name(library, lang, name))},
            "description": _description(library, first, name),
            "description_localizations": {place: _description(library, lang, name) for place, lang in others.items()},
            "integration_types": INSTALLS,
            "contexts": CONTEXTS,
        }
        for name in names
    ]


def same(present: Iterable[Json], wanted: Iterable[Json]) -> bool:
    """Whether Discord has just these commands, whatever order and ids it gave them."""
    return _told(present) == _told(wanted)


def _told(commands: Iterable[Json]) -> dict[tuple[int, str], Any]:
    return {
        (command.get("type") or _CHAT, command["name"]): (
            command.get("description") or "",
            dict(command.get("name_localizations") or {}),
            dict(command.get("description_localizations") or {}),
            sorted(command.get("integration_types") or ()),
            sorted(command.get("contexts") or ()),
            list(command.get("options") or ()),
            command.get("default_member_permissions"),
            bool(command.get("nsfw")),
        )
        for command in commands
    }


def _description(library: Library, language: str, name: str) -> str:
    return fit.label(library.text(language, f"commands.{name}"), LONGEST)


def _name(library: Library, language: str, name: str) -> str:
    """The command's name in this language; empty where it has none of its own that Discord takes."""
    key = f"discord.names.{name}"
    own = library.text(language, key) if key in library.keys(language) else ""
    return own if own != name and own == own.lower() and _NAME.fullmatch(own) else ""
