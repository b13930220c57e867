"""Is this text in a language that Closer does not speak? By its script, or by the small words that it is full of.

Pure given its data (content/foreign.yaml). Cautious: a text that might as well be English, a name or a slip is not foreign.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.understanding.fold import visible
from bot.understanding.read import normalise

_LOOKED_AT = 2_000  # characters
_ENOUGH_LETTERS = 2  # of another script
_ENOUGH_WORDS = 2
# The first word of a letter's Unicode name is its script; what a text in it is most likely to be is the data's to say.
_SCRIPTS = {
    "CYRILLIC": "cyrillic",
    "ARABIC": "arabic",
    "HEBREW": "hebrew",
    "CJK": "han",
    "HIRAGANA": "kana",
    "KATAKANA": "kana",
    "HANGUL": "hangul",
    "DEVANAGARI": "devanagari",
    "THAI": "thai",
    "GREEK": "greek",
    "BENGALI": "bengali",
    "TAMIL": "tamil",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Language:
    """A language that may not be spoken yet: its own name, and the sentence (in it) that says so and where help is."""

    code: str
    name: str
    help: str
    script: str = ""
    letters: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class ForeignWords:
    """Everything that is known about languages not spoken, and the small words of English to weigh theirs against."""

    english: frozenset[str]
    languages: Mapping[str, Language]

    def help_in(self, code: str) -> str:
        """The sentence for somebody who writes in this language, or "" where there is none."""
        language = self.languages.get(code)
        return language.help if language else ""


def foreign_words(data: Mapping[str, Any]) -> ForeignWords:
    """ForeignWords from plain values as they stand in foreign.yaml."""
    languages = {
        code: Language(
            code=code,
            name=entry["name"],
            help=" ".join(str(entry["help"]).split()),
            script=entry.get("script", ""),
            letters=frozenset(entry.get("letters", "")),
            words=frozenset(str(entry.get("words", "")).split()),
        )
        for code, entry in data["languages"].items()
    }
    return ForeignWords(english=frozenset(str(data["english"]).split()), languages=languages)


def language_of(text: str, spoken: Collection[str], data: ForeignWords) -> str | None:
    """The code of the language `text` is in, where it is clear and not one of `spoken`; else None. Never raises."""
    text = visible(text[:_LOOKED_AT])
    found = _by_script(text, data) or _by_words(text, data)
    return None if found is None or found in spoken else found


def _by_script(text: str, data: ForeignWords) -> str | None:
    letters = [c for c in text if c.isalpha()]
    if text.isascii() or not letters:
        return None
    scripts = Counter(_SCRIPTS.get(_script_name(c), "") for c in letters)
    if scripts["kana"]:  # Japanese mixes kana with Han; a single kana settles it
        scripts["kana"] += scripts.pop("han", 0)
    script, count = scripts.most_common(1)[0]
    if not script or count * 2 <= len(letters) or (count < _ENOUGH_LETTERS and script != "han"):
        return None
    candidates = [language for language in data.languages.values() if language.script == script]
    marked = [language for language in candidates if not language.letters.isdisjoint(text.lower())]
    plain = [language for language in candidates if not language.letters]
    best = next(iter(marked or plain), None)
    return best.code if best else None


def _script_name(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0].partition("-")[0]


def _by_words(text: str, data: ForeignWords) -> str | None:
    words = normalise(text).split()
    hits = {code: sum(w in language.words for w in words) for code, language in data.languages.items() if language.words}
    best = max(hits, key=lambda code: hits[code], default=None)
    if best is None or hits[best] < _ENOUGH_WORDS:
        return None
    own = {word for word in words if word in data.languages[best].words and word not in data.english}
    if len(own) < _ENOUGH_WORDS or hits[best] <= sum(word in data.english for word in words):
        return None
    rivals = [code for code, count in hits.items() if count == hits[best]]
    return best if len(rivals) == 1 else _by_letters(text, rivals, data)


def _by_letters(text: str, rivals: list[str], data: ForeignWords) -> str:
    """Between languages with as many hits: the one whose own sentence shares most of the accented letters."""
    accents = {c for c in text.lower() if c.isalpha() and not c.isascii()}
    return max(rivals, key=lambda code: len(accents & set(data.languages[code].help.lower())))
