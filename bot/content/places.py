"""Reading the words for times and places (times/<lang>.yaml) and the atlas (times/cities.tsv), each once, when first needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from babel import Locale, UnknownLocaleError

from bot.content.loader import ROOT, ContentError, read_yaml
from bot.understanding.atlas import Atlas, place_words
from bot.understanding.days import day_words
from bot.understanding.times import hour_words
from bot.understanding.values import TimeWords

T = TypeVar("T")
FALLBACK = "en"


@lru_cache(maxsize=32)
def time_words(language: str, root: Path = ROOT) -> TimeWords:
    """The words of this language, the English ones where it has none. Raises ContentError with the file and the part."""
    path = root / "times" / f"{language}.yaml"
    if not path.exists():
        language, path = FALLBACK, root / "times" / f"{FALLBACK}.yaml"
    data = read_yaml(path)
    countries = _countries(language)
    return TimeWords(
        hours=_part(path, data, "hours", hour_words),
        days=_part(path, data, "days", day_words),
        places=_part(path, data, "places", lambda part: place_words(part, countries, data["hours"]["numbers"])),
    )


@lru_cache(maxsize=1)
def atlas(root: Path = ROOT) -> Atlas:
    """The places of the world. Raises ContentError where the file is missing or spoilt."""
    path = root / "times" / "cities.tsv"
    try:
        return Atlas(path.read_text("utf-8"))
    except (OSError, ValueError, IndexError) as error:
        raise ContentError(f"{path}: missing or spoilt; restore it, or make it anew: python -m bot.nudges.cities") from error


def _part(path: Path, data: Any, name: str, make: Callable[[Mapping[str, Any]], T]) -> T:
    try:
        return make(data[name])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f"{type(error).__name__}: {error}"
        raise ContentError(f"{path}: {name}: {problem}; give it the shape that times/{FALLBACK}.yaml has") from error


def _countries(language: str) -> Mapping[str, str]:
    """The names of countries in this language, by their two letters."""
    try:
        names = Locale.parse(language, sep="-").territories
    except (UnknownLocaleError, ValueError):
        names = Locale.parse(FALLBACK).territories
    return {str(code): str(name) for code, name in names.items() if len(code) == 2 and code.isalpha()}
