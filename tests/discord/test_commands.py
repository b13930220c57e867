"""The menu: in each language that Discord knows and the words speak, and written only where it differs."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.content.library import Library, load
from bot.content.loader import ROOT, WordFile
from bot.platforms.discord.commands import menu, same

NAMES = ("start", "why", "sos")
LOCALES = [locale.value for locale in discord.Locale]


@pytest.fixture(scope="module")
def english() -> Library:
    return load(Path(ROOT))


def with_words(english: Library, language: str, **words: str) -> Library:
    path = Path(f"core/{language}.yaml")
    entries: Any = {key.replace("__", "."): text for key, text in words.items()}
    entries |= {"language.name": language, "nav.sos.label": "!"}
    return Library([*english.files, WordFile(path=path, language=language, prefix="", entries=entries, facts={})])


def test_each_command_may_be_called_everywhere_by_everybody(english: Library) -> None:
    made = menu(english, NAMES, LOCALES)
    assert [command["name"] for command in made] == list(NAMES)
    for command in made:
        assert command["description"] == english.text("en", f"commands.{command['name']}")
        assert len(command["description"]) <= 100
        assert command["integration_types"] == [0, 1]
        assert command["contexts"] == [0, 1, 2]
        assert "nsfw" not in command
        assert command["description_localizations"] == command["name_localizations"] == {}


def test_other_languages_come_by_locale(english: Library) -> None:
    library = with_words(english, "es", commands__why="¿por qué?", discord__names__why="porqué", discord__names__sos="SOS")
    start, why, sos = menu(library, NAMES, LOCALES)
    assert why["description_localizations"] == {"es-ES": "¿por qué?", "es-419": "¿por qué?"}
    assert why["name_localizations"] == {"es-ES": "porqué", "es-419": "porqué"}
    # What Discord would not take as a name (capitals here), or is the name already, is left out.
    assert sos["name_localizations"] == start["name_localizations"] == {}


@pytest.mark.parametrize("name", ["two words", "x" * 33, "Großes", "", "a.b", "why"])
def test_names_that_discord_refuses_are_left_out(english: Library, name: str) -> None:
    library = with_words(english, "de", discord__names__why=name)
    assert menu(library, ("why",), LOCALES)[0]["name_localizations"] == {}


def test_a_language_that_discord_does_not_know_is_left_out(english: Library) -> None:
    library = with_words(english, "qps", commands__why="jul")
    assert menu(library, ("why",), LOCALES) == menu(english, ("why",), LOCALES)


def test_what_discord_adds_makes_no_difference(english: Library) -> None:
    wanted = menu(english, NAMES, LOCALES)
    present: list[dict[str, Any]] = [
        {
            **command, "id": "1", "application_id": "2", "version": "3", "dm_permission": True, "nsfw": False,
            "default_member_permissions": None, "name_localizations": None, "description_localizations": None,
            "contexts": [2, 0, 1],
        }
        for command in reversed(copy.deepcopy(wanted))
    ]  # fmt: skip
    assert same(present, wanted)


@pytest.mark.parametrize(
    "change",
    [
        {"description": "x"}, {"contexts": [0]}, {"integration_types": [0]}, {"nsfw": True}, {"options": [{"type": 3}]},
        {"default_member_permissions": "8"}, {"description_localizations": {"de": "x"}}, {"name": "other"}, {"type": 2},
    ],
)  # fmt: skip
def test_whatever_matters_makes_a_difference(english: Library, change: dict[str, Any]) -> None:
    wanted = menu(english, NAMES, LOCALES)
    assert not same([{**wanted[0], **change}, *wanted[1:]], wanted)
    assert not same(wanted[1:], wanted)
    assert not same([*wanted, {**wanted[0], "name": "extra"}], wanted)
