"""A bot that notices: what must raise an alarm, what must not, and that nothing a person types can break or stall the check."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.crisis import CATEGORIES, LIMIT, NOTHING, Assessment, Detector, assess, warm
from bot.understanding.lexicon import Lexicon, LexiconError, parse

HERE = Path(__file__).parent


def held_out(text: str) -> bool:
    """A third of every set, chosen by checksum. Rules are written without looking at its failures."""
    return zlib.crc32(text.encode()) % 3 == 0


def positives() -> Iterator[tuple[str, str, str]]:
    for category, tiers in yaml.safe_load((HERE / "crisis_positives.yaml").read_text("utf-8")).items():
        for tier, lines in tiers.items():
            for text in lines.splitlines():
                yield category, tier, text


def near_misses() -> list[str]:
    sets = yaml.safe_load((HERE / "crisis_near_misses.yaml").read_text("utf-8"))
    return [text for lines in sets.values() for text in lines.splitlines()]


def test_the_sets_are_large_enough_to_mean_something() -> None:
    assert len(set(positives())) >= 400
    assert len(set(near_misses())) >= 600


@pytest.mark.parametrize("held", [False, True], ids=["development", "held out"])
@pytest.mark.parametrize("category", CATEGORIES)
def test_recall_by_category(category: str, held: bool) -> None:
    texts = [text for c, _, text in positives() if c == category and held_out(text) == held]
    found = [text for text in texts if assess(text).tier != "none"]
    assert len(found) >= (1.0 if category == "minor" else 0.85 if held else 0.9) * len(texts)


@pytest.mark.parametrize("held", [False, True], ids=["development", "held out"])
def test_recall_category_and_tier_overall(held: bool) -> None:
    cases = [(c, t, assess(text)) for c, t, text in positives() if held_out(text) == held]
    assert sum(a.tier != "none" for _, _, a in cases) >= 0.9 * len(cases)
    assert sum(c in (a.category, *a.also) for c, _, a in cases) >= 0.85 * len(cases)
    assert sum(t == a.tier for _, t, a in cases) >= 0.8 * len(cases)


@pytest.mark.parametrize("held", [False, True], ids=["development", "held out"])
def test_false_alarms(held: bool) -> None:
    texts = [text for text in near_misses() if held_out(text) == held]
    alarms = sum(assess(text).tier != "none" for text in texts)
    assert alarms <= 0.01 * len(texts)


@pytest.mark.parametrize(
    "text",
    [
        "I WANT TO DIE",
        "i want to dieeeee",
        "i w a n t  t o  d i e",
        "i want to k.i.l.l myself",
        "k1ll mys3lf",
        "k!ll myself",
        "k*ll myself",
        "kiII myself".replace("II", "ll"),
        "ｉ ｗａｎｔ ｔｏ ｄｉｅ",
        "i want to d\u200bi\u200be",
        "í wánt tó díe",
        "i want to d\u0456e",
        "unal1ve myself",
        "i want to 🅳🅸🅴",
        "i want to, like, die",
        "i dont know. i want to die",
        "not sure why but i want to die",
        "nobody knows, i want to die",
    ],
)
def test_disguise_and_noise_do_not_hide_it(text: str) -> None:
    assert assess(text).tier == "urgent"
    assert assess(text).category == "suicide"


@pytest.mark.parametrize("text", ["su1c1de", "s u i c i d e", "$uicide", "suicide.", "kms"])
def test_a_bare_word_is_asked_about(text: str) -> None:
    assert assess(text) == Assessment(tier="ask", category="suicide")


@pytest.mark.parametrize(
    ("outright", "softened", "tier"),
    [
        ("i want to kill myself", "i want to kill myself lol", "ask"),
        ("i want to kill myself", "when i was 15 i wanted to kill myself", "ask"),
        ("i am suicidal", "i was suicidal years ago", "ask"),
        ("i am suicidal", "i am not suicidal", "none"),
        ("i am suicidal", "i used to be suicidal but i am fine now", "none"),
        ("i am suicidal", "she is suicidal in the book", "none"),
        ("he hits me", "he has never hit me", "none"),
        ("he pulls my hair", "i like it when he pulls my hair", "none"),
        ("he hits me", "he hits on me", "none"),
        ("i want to die", 'the song goes "i want to die"', "none"),
    ],
)
def test_context_lowers_it(outright: str, softened: str, tier: str) -> None:
    assert assess(outright).tier == "urgent"
    assert assess(softened).tier == tier


def test_the_gravest_is_the_category_and_the_others_are_told_too() -> None:
    assert assess("im 15 and i want to kill myself") == Assessment(tier="urgent", category="suicide", also=("minor",))
    assert assess("my dad hits me. im 14") == Assessment(tier="urgent", category="abuse", also=("minor",))


def test_two_hints_together_are_asked_about_and_one_is_not() -> None:
    assert assess("i hate myself") == NOTHING
    assert assess("i hate myself and everything is hopeless") == Assessment(tier="ask", category="suicide")


def test_a_language_without_a_lexicon_is_read_with_the_english_one() -> None:
    warm("xx")
    assert assess("i want to die", "xx").tier == "urgent"
    assert assess("i want to die", "../en").tier == "urgent"


def test_head_and_tail_of_a_long_text_are_both_read() -> None:
    filler = "we talked about the weather and the garden and the dog. " * 2000
    assert assess(filler).tier == "none"
    assert assess("i want to die. " + filler).tier == "urgent"
    assert assess(filler + " i want to die").tier == "urgent"
    assert assess("\u200b" * 50_000 + "i want to die" + " " * 50_000).tier == "urgent"


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("he hits me", "abuse"),
        ("not always, hits me when drunk", "abuse"),
        ("fine.\nhits me sometimes", "abuse"),
        ("took too many pills", "suicide"),
        ("yes, took all my meds", "suicide"),
    ],
)
def test_an_answer_may_leave_its_subject_out(text: str, category: str) -> None:
    assert assess(text).category == category


def test_a_dropped_subject_is_only_supposed_where_a_clause_begins() -> None:
    assert assess("hits me").category == "abuse"
    assert assess("the thought of her hits me") == NOTHING


def test_a_wish_to_join_somebody_is_asked_about_where_somebody_died() -> None:
    assert assess("i want to be with her again") == NOTHING
    assert assess("my wife died in may. i just want to be with her again").category == "suicide"
    assert assess("my wife died. " + "we had a garden and a dog. " * 3 + "i want to be with her") == NOTHING


@pytest.mark.parametrize("text", ["absued", "he is absuive", "im scaerd of him", "toook too many plils"])
def test_swapped_letters_are_forgiven(text: str) -> None:
    assert assess(text).tier != "none"


def test_no_label_of_the_conversation_raises_an_alarm_when_it_is_typed() -> None:
    packs = HERE.parents[1] / "bot" / "content" / "packs"
    words = [yaml.safe_load(path.read_text("utf-8")) for path in packs.glob("*/en.yaml")]
    labels = [label for w in words for q in w["questions"].values() for label in q.get("options", {}).values()]
    assert len(labels) > 50
    assert [label for label in labels if assess(label) != NOTHING] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "\ud800",
        "😂" * 5000,
        "a" * 100_000,
        "a " * 50_000,
        "kill " * 2000,
        "k*ll " * 2000,
        "'" * 5000,
        "n't" * 3000,
        "\ufdfa" * LIMIT,
        "a\u0316\u0301" * 20_000,
        "\u0f71\u0f72\u0f74\u0f7a" * 2000,
        "i i i not not not want want me me " * 300,
        "died want want be with i him her took many many pills " * 100,
        "he she hits threw threw at my me, " * 150,
    ],
)
def test_any_text_is_answered(text: str) -> None:
    assert assess(text).tier in ("none", "ask", "urgent")


@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    found = assess(text)
    assert (found.tier == "none") == (found.category == "none")


_WORDS = (
    "i",
    "took",
    "pills",
    "died",
    "18",
    "want",
    "not",
    "kill",
    "die",
    "me",
    "he",
    "hits",
    "myself",
    "am",
    "15",
    "lol",
    ",",
    ".",
    '"',
    "b4d",
    "k*ll",
    "if",
)


@given(st.lists(st.sampled_from(_WORDS), max_size=60))
def test_no_mixture_of_the_lexicons_own_words_raises(words: list[str]) -> None:
    found = assess(" ".join(words))
    assert found.category not in found.also


def _lexicon_file() -> dict[str, Any]:
    path = HERE.parents[1] / "bot" / "content" / "crisis" / "en.yaml"
    return dict(yaml.safe_load(path.read_text("utf-8")))


def test_every_pattern_of_the_lexicon_compiles_and_its_gaps_are_bounded() -> None:
    data = _lexicon_file()
    patterns = {f"{c}.{level}": rows for c, levels in data["patterns"].items() for level, rows in levels.items()}
    lexicon = Lexicon(groups={k: v.split() for k, v in data["groups"].items()}, patterns={**patterns, **data["contexts"]})
    for pattern in lexicon.patterns:
        assert pattern.regex.pattern
        assert sum(element.gap for element in pattern.elements) <= 20, pattern.source


def test_a_group_that_does_not_exist_is_named() -> None:
    with pytest.raises(LexiconError, match=r"no group \{nope\}"):
        Lexicon(groups={"not": ["not"]}, patterns={"x.ask": ["{nope} me"]})


@pytest.mark.parametrize("source", ["~9 die", "~x", ">9 die", ">", "{Kill}", "a||b", "di*"])
def test_a_pattern_that_cannot_be_read_is_named(source: str) -> None:
    with pytest.raises(LexiconError, match="pattern"):
        parse(source)


def test_a_pattern_of_gaps_alone_is_refused() -> None:
    with pytest.raises(LexiconError, match="at least one word"):
        Lexicon(groups={"not": ["not"]}, patterns={"x.ask": ["^ ~2 a?"]})


def test_a_guard_that_is_missing_is_named() -> None:
    data = _lexicon_file()
    data["groups"] = {name: words for name, words in data["groups"].items() if name != "role"}
    with pytest.raises(LexiconError, match="'role'"):
        Detector(data)


def test_a_word_that_would_never_be_seen_is_named() -> None:
    data = _lexicon_file()
    data["expand"] = {**data["expand"], "suicide": "something else"}
    with pytest.raises(LexiconError, match="suicide"):
        Detector(data)
