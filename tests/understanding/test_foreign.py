"""Somebody writes in a language that is not spoken: it is noticed where it is clear, and never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.foreign import ForeignWords, foreign_words, language_of

ROOT = Path(__file__).parents[2]
SPOKEN = ("en",)
WORDS: ForeignWords = foreign_words(yaml.safe_load((ROOT / "bot" / "content" / "foreign.yaml").read_text("utf-8")))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hola, estoy muy sola", "es"),
        ("je me sens seul", "fr"),
        ("ich bin so einsam", "de"),
        ("estou muito sozinho", "pt"),
        ("mi sento sola e non ho nessuno", "it"),
        ("ik ben zo eenzaam", "nl"),
        ("jestem sama i nie mam nikogo", "pl"),
        ("jag är så ensam", "sv"),
        ("çok yalnızım ve kimse yok", "tr"),
        ("aku merasa sangat kesepian", "id"),
        ("sunt foarte singur", "ro"),
        ("tôi rất cô đơn", "vi"),
        ("wala akong kausap, nag iisa ako", "tl"),
        ("я одинок", "ru"),
        ("мені самотньо, її немає", "uk"),
        ("أنا وحيد", "ar"),
        ("چرا تنها هستم", "fa"),
        ("אני לבד", "he"),
        ("我很孤独", "zh"),
        ("さみしい夜です", "ja"),
        ("외로워요", "ko"),
        ("मैं अकेला हूँ", "hi"),
        ("ฉันเหงา", "th"),
        ("είμαι μόνος", "el"),
        ("আমি একা", "bn"),
        ("நான் தனியாக இருக்கிறேன்", "ta"),
    ],
)
def test_a_language_is_noticed(text: str, code: str) -> None:
    assert language_of(text, SPOKEN, WORDS) == code


@pytest.mark.parametrize("code", sorted(WORDS.languages))
def test_every_language_says_where_help_is_and_knows_its_own_sentence(code: str) -> None:
    language = WORDS.languages[code]
    assert "findahelpline.com" in language.help
    assert len(language.help) <= 300
    assert language.name
    assert WORDS.help_in(code) == language.help
    assert language_of(language.help.replace("findahelpline.com", ""), SPOKEN, WORDS) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "si",
        "hi",
        "ok",
        "π",
        "die in me",
        "de ja vu",
        "la la land and me",
        "most days",
        "no me gusta",
        "Привет is all i know of it",
        "lonely in são paulo",
        "my name is José",
        "12345",
        "😀😀",
        "\ud800",
    ],
)
def test_what_is_not_clear_is_not_foreign(text: str) -> None:
    assert language_of(text, SPOKEN, WORDS) is None


def test_a_spoken_language_is_never_reported() -> None:
    assert language_of("ich bin so einsam", ("en", "de"), WORDS) is None
    assert language_of("я одинок", ("ru",), WORDS) is None


def test_english_messages_are_not_foreign() -> None:
    for name in ("crisis_near_misses.yaml", "crisis_positives.yaml"):
        sets = yaml.safe_load((Path(__file__).parent / name).read_text("utf-8"))
        texts = [part for part in sets.values() if isinstance(part, str)]
        texts += [part for parts in sets.values() if isinstance(parts, dict) for part in parts.values()]
        foreign = [line for text in texts for line in text.splitlines() if language_of(line, SPOKEN, WORDS)]
        assert foreign == []


def test_nothing_is_said_in_a_language_nobody_knows() -> None:
    assert WORDS.help_in("xx") == ""


@given(st.text())
def test_no_text_raises(text: str) -> None:
    assert language_of(text, SPOKEN, WORDS) in {None, *WORDS.languages}
