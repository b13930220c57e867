"""From keys to sentences: what a turn says and asks, in one language, as bubbles that any platform can show.

Plurals, lists, dates and numbers follow CLDR, by Babel. Text is the content's small Markdown: bold, italic, links.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from typing import Any

from bot.content.library import Library
from bot.content.loader import ContentError, Plural
from bot.content.markup import PLAIN, written
from bot.conversation.effects import Attach, Effect
from bot.conversation.replies import Bar, Fixed, Lines, Prompt, Quote, Say, Shown, Territory, Value, Weekdays, Words, Zone
from bot.conversation.walk import Turn

LONGEST = 900
_MARKUP = re.compile(r"([\\*_\[\]()`~<>])")


@dataclass(frozen=True, slots=True)
class Button:
    """A choice as it is shown."""

    key: str
    label: str
    picked: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A file for the person. A `picture` is shown as such; `alt` says what is on it, in plain words."""

    name: str
    data: bytes
    alt: str = ""
    picture: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Bubble:
    """One message. `keep` marks one worth keeping; only the last of a turn has choices, bound to its `turn`.

    `language` is the one that it is in, where that is known.
    """

    text: str
    keep: bool = False
    choices: tuple[Button, ...] = ()
    nav: tuple[Button, ...] = ()
    several: bool = False
    writes: bool = False
    turn: int = 0
    files: tuple[File, ...] = ()
    language: str | None = None


def render(turn: Turn, library: Library, language: str, files: tuple[File, ...] = ()) -> tuple[Bubble, ...]:
    """The bubbles of a turn, in order."""
    prompt = turn.prompt
    *before, (text, keep) = _packed((*turn.says, *prompt.says), library, language)
    last = Bubble(
        text=text,
        keep=keep,
        choices=(_same if isinstance(prompt.options, Fixed) else _choices)(prompt.options, library, language),
        nav=_nav(prompt.nav, library, language),
        several=prompt.several,
        writes=prompt.writes,
        turn=turn.session.turn,
        files=files,
        language=language,
    )
    return (*[Bubble(text=text, keep=keep, language=language) for text, keep in before], last)


def attached(effects: Iterable[Effect], library: Library, language: str) -> tuple[File, ...]:
    """The text files that a turn hands over, without any markup."""
    return tuple(
        File(
            f"{effect.name}.txt",
            "\n\n".join([*(plain(speak(say, library, language)) for say in effect.says), ""]).encode("utf-8", "replace"),
        )
        for effect in effects
        if isinstance(effect, Attach)
    )


def speak(say: Say, library: Library, language: str) -> str:
    """One thing said, in words. Raises ContentError where they are missing."""
    entry = library.entry(language, say.key)
    values = say.values
    if isinstance(entry, tuple):
        entry = entry[say.nth % len(entry)]
    elif isinstance(entry, Plural):
        entry = _plural(entry, values, language)
    if not values:
        return entry
    try:
        return entry.format_map({name: shown(value, library, language) for name, value in values.items()})
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        raise ContentError(f"'{say.key}' in '{language}' has a placeholder that is not given here; see closer check") from error


def shown(value: Value, library: Library, language: str) -> str:
    """A value, as a reader of this language expects it."""
    return _SHOWN[type(value)](value, library, language)


def labels(prompt: Prompt, library: Library, language: str) -> list[tuple[str, tuple[str, ...]]]:
    """For each choice on screen, the phrases by which it can be typed: its label first."""
    return [
        (option.key, (plain(speak(option.label, library, language)), *_others(option, library, language)))
        for option in prompt.options
    ]


def _others(option: Shown, library: Library, language: str) -> Iterable[str]:
    """Other words for a choice, with the same values put in as in its label."""
    phrases = library.phrases(language, option.also)
    if not option.label.values:
        return phrases
    values = {name: shown(value, library, language) for name, value in option.label.values.items()}
    return (phrase.format_map(values) for phrase in phrases)


def escape(text: str) -> str:
    """Someone's own words, safe from being read as markup."""
    return _MARKUP.sub(r"\\\1", text)


def plain(text: str) -> str:
    """The same text without its small Markdown: links become `text (address)`."""
    return written(text, PLAIN)


def _packed(says: Iterable[Say], library: Library, language: str) -> list[tuple[str, bool]]:
    """As few messages as fit, each with whether to keep it: that apart from what the next question may replace."""
    packed: list[tuple[str, bool]] = []
    text, keep = "", False
    for say in says:
        more = speak(say, library, language)
        if text and (say.keep != keep or len(text) + 2 + len(more) > LONGEST):
            packed.append((text, keep))
            text = ""
        text = f"{text}\n\n{more}" if text else more
        keep = say.keep
    packed.append((text, keep))
    return packed


# The same few hundred buttons are shown again and again: to find one takes a fifth of making it.
_button = lru_cache(maxsize=1_024)(Button)


def _choices(options: Iterable[Shown], library: Library, language: str) -> tuple[Button, ...]:
    return tuple([_button(s.key, speak(s.label, library, language), s.picked) for s in options])


# Of choices that never change: to find their buttons takes a tenth of putting them together.
_same = lru_cache(maxsize=256)(_choices)


@lru_cache(maxsize=256)
def _nav(keys: tuple[str, ...], library: Library, language: str) -> tuple[Button, ...]:
    return tuple(Button(key, library.text(language, f"nav.{key[1:]}.label")) for key in keys)


def _plural(entry: Plural, values: Mapping[str, Value], language: str) -> str:
    count = values.get(entry.count)
    form = _locale(language).plural_form(count) if isinstance(count, int) else "other"
    return entry.forms.get(form, entry.forms["other"])


@lru_cache(maxsize=512)
def _number(value: int, language: str) -> str:
    from babel.numbers import format_decimal  # noqa: PLC0415  # heavy, and needed only once numbers are shown

    return format_decimal(value, locale=_locale(language))


def _date(value: date, language: str) -> str:
    from babel.dates import format_date  # noqa: PLC0415  # heavy, and needed only where dates are shown

    return format_date(value, "long", locale=_locale(language))


def brief(value: date, skeleton: str, language: str) -> str:
    """A date in few letters, in the parts that CLDR's skeleton (`MMMd`, `yMMM`, `y`) names."""
    from babel.dates import format_skeleton  # noqa: PLC0415  # heavy, and needed only where dates are shown

    return str(format_skeleton(skeleton, value, locale=_locale(language)))


def _time(value: time, language: str) -> str:
    from babel.dates import format_time  # noqa: PLC0415  # heavy, and needed only where times are shown

    return format_time(value, "short", locale=_locale(language))


def _weekdays(days: tuple[int, ...], language: str) -> str:
    names = _locale(language).days["format"]["wide"]
    return _list([str(names[day]) for day in days], language)


def _zone(name: str, language: str) -> str:
    """The city of a zone, as CLDR has it in this language; a fixed offset as it is."""
    if "/" not in name:
        return name
    city = _locale(language).time_zones.get(name, {}).get("city")
    return str(city or name.rpartition("/")[2].replace("_", " "))


def _list(items: list[str], language: str) -> str:
    from babel.lists import format_list  # noqa: PLC0415  # heavy, and needed only where lists are shown

    return format_list(items, locale=_locale(language))


@lru_cache(maxsize=512)
def _territory(code: str, language: str) -> str:
    return str(_locale(language).territories.get(code, code))


_SHOWN: dict[type, Callable[[Any, Library, str], str]] = {
    str: lambda value, library, language: value,
    int: lambda value, library, language: _number(value, language),
    date: lambda value, library, language: _date(value, language),
    time: lambda value, library, language: _time(value, language),
    Zone: lambda value, library, language: _zone(value.name, language),
    Weekdays: lambda value, library, language: _weekdays(value.days, language),
    Words: lambda value, library, language: speak(Say(value.key), library, language),
    Say: speak,
    Quote: lambda value, library, language: escape(value.text),
    Territory: lambda value, library, language: _territory(value.code, language),
    Bar: lambda value, library, language: "●" * value.filled + "○" * (value.of - value.filled),
    Lines: lambda value, library, language: "\n".join(speak(say, library, language) for say in value.says),
    tuple: lambda value, library, language: _list([shown(item, library, language) for item in value], language),
}


@lru_cache(maxsize=64)
def _locale(language: str):  # type: ignore[no-untyped-def]  # noqa: ANN202  # a babel.Locale, imported late
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415  # heavy, and needed only here

    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Locale("en")
