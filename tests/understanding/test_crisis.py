"""A bot that notices: what must raise an alarm, what must not, and that nothing a person types can break or stall the check.

What people type is never shown: a failure names places in the lists, categories and counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.content.check import outdated
from bot.understanding.crisis import CATEGORIES, LIMIT, NOTHING, Assessment, Detector, assess, born_until, reasons, warm
from bot.understanding.lexicon import LexiconError
from bot.understanding.weigh import Weigher
from tests.understanding.network_file import plain
from tests.understanding.sets import near_misses, positives, share

HERE = Path(__file__).parent
PARTS = pytest.mark.parametrize("apart", [False, True], ids=["two thirds", "the third apart"])


def wrong(texts: Sequence[str], tier: str, category: str | None = None) -> list[int]:
    """Which of these are not what they should be, by place."""
    found = [assess(text) for text in texts]
    return [i for i, a in enumerate(found) if a.tier != tier or (category is not None and a.category != category)]


def test_the_sets_are_large_enough_to_mean_something() -> None:
    sizes = [len({t for _, _, t in [*positives(False), *positives(True)]}), len({*near_misses(False), *near_misses(True)})]
    assert sizes[0] >= 400
    assert sizes[1] >= 600


@PARTS
@pytest.mark.parametrize("category", CATEGORIES)
def test_recall_by_category(category: str, apart: bool) -> None:
    found = share([assess(text).tier != "none" for c, _, text in positives(apart) if c == category])
    assert found >= (1.0 if category == "minor" else 0.9)


@PARTS
def test_recall_category_and_tier_overall(apart: bool) -> None:
    cases = [(c, t, assess(text)) for c, t, text in positives(apart)]
    recall = share([a.tier != "none" for _, _, a in cases])
    agreement = share([c in (a.category, *a.also) for c, _, a in cases])
    tier = share([t == a.tier for c, t, a in cases if t != "either" and c != "minor"])
    assert recall >= 0.95
    assert agreement >= 0.9
    assert tier >= 0.8


@PARTS
def test_false_alarms(apart: bool) -> None:
    alarms = share([assess(text).tier != "none" for text in near_misses(apart)])
    assert alarms <= 0.01


def test_disguise_and_noise_do_not_hide_it() -> None:
    texts = [
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
    ]
    assert wrong(texts, "urgent", "suicide") == []


def test_a_short_word_after_an_apostrophe_is_not_taken_for_spaced_letters() -> None:
    assert wrong(["i'm a 15 year old girl", "i'm a kid"], "ask", "minor") == []


def test_a_bare_word_is_asked_about() -> None:
    assert wrong(["su1c1de", "s u i c i d e", "$uicide", "suicide.", "kms"], "ask", "suicide") == []


def test_a_bare_call_for_help_is_left_to_the_conversation() -> None:
    assert wrong(["help", "help me", "please help me", "can somebody help", "HELP"], "none") == []
    assert wrong(["please help me i cant do this anymore", "help me before i kill myself"], "none") == [0, 1]


CONTEXTS = [
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
    ("i cut my arm with a razor", "i cut my arm on a tin", "none"),
    ("my husband hit me", "i survived an abusive marriage, ten years free", "none"),
    ("john hits me", "nostalgia hits me", "none"),
]


def test_context_lowers_it() -> None:
    assert [i for i, (outright, _, _) in enumerate(CONTEXTS) if assess(outright).tier == "none"] == []
    assert [i for i, (_, softened, tier) in enumerate(CONTEXTS) if assess(softened).tier != tier] == []


def test_who_is_denied_something_is_whoever_the_negator_speaks_of() -> None:
    assert wrong(["i dont think i want to die", "she never said i hit her"], "none") == []
    assert wrong(["i dont want to die i just cut"], "none") == [0]


def test_somebody_near_in_danger_is_asked_about_and_no_more() -> None:
    near = [
        "my best friend wants to kill himself",
        "my sister keeps saying she is suicidal",
        "my son says he wants to die tonight",
    ]
    assert wrong(near, "ask", "suicide") == []
    far = ["my brother killed himself two years ago", "my client is suicidal and i am drained", "i lost a friend to suicide"]
    assert wrong(far, "none") == []


def test_the_gravest_is_the_category_and_the_others_are_told_too() -> None:
    first, second = assess("im 15 and i want to kill myself"), assess("my dad hits me. im 14")
    assert first == Assessment(tier="urgent", category="suicide", also=("minor",))
    assert second == Assessment(tier="urgent", category="abuse", also=("minor",))


def test_two_hints_together_are_asked_about_and_one_is_not() -> None:
    assert wrong(["i hate myself"], "none") == []
    assert wrong(["i hate myself and everything is hopeless"], "ask", "suicide") == []


def test_a_reviewer_can_see_why() -> None:
    found = reasons("i am suicidal")
    assert {(reason.category, reason.weight) for reason in found} == {("suicide", 3)}
    assert all("suicidal" in reason.pattern for reason in found)


def test_a_language_without_a_lexicon_is_read_with_the_english_one() -> None:
    warm("xx")
    tiers = {assess("i want to die", language).tier for language in ("xx", "../en", "")}
    assert tiers == {"urgent"}


def test_head_and_tail_of_a_long_text_are_both_read() -> None:
    filler = "we talked about the weather and the garden and the dog. " * 2000
    hidden = "\u200b" * 50_000 + "i want to die" + " " * 50_000
    assert wrong([filler], "none") == []
    assert wrong(
        ["i want to die. " + filler, filler + " i want to die", hidden, "😂" * 5000 + " i took all my pills"], "none"
    ) == [
        0,
        1,
        2,
        3,
    ]


def test_an_answer_may_leave_its_subject_out() -> None:
    assert wrong(["he hits me", "not always, hits me when drunk", "fine.\nhits me sometimes"], "none") == [0, 1, 2]
    assert wrong(["took too many pills", "yes, took all my meds"], "none") == [0, 1]


def test_a_dropped_subject_is_only_supposed_where_a_clause_begins() -> None:
    assert wrong(["hits me"], "none") == [0]
    assert wrong(["the thought of her hits me"], "none") == []


def test_a_wish_to_join_somebody_is_asked_about_where_somebody_died() -> None:
    far = "my wife died. " + "we had a garden and a dog. " * 3 + "i want to be with her"
    assert wrong(["i want to be with her again", far], "none") == []
    assert wrong(["my wife died in may. i just want to be with her again"], "none") == [0]


def test_swapped_letters_are_forgiven() -> None:
    assert wrong(["absued", "he is absuive", "im scaerd of him", "toook too many plils"], "none") == [0, 1, 2, 3]


def test_fear_of_somebody_near_is_asked_about_and_its_innocent_twins_are_not() -> None:
    assert wrong(["i am so scared of him", "im afraid of my husband"], "ask", "abuse") == []
    twins = ["i am scared of losing him", "my cat is scared of him", "i am not scared of him", "i am scared of him leaving me"]
    assert wrong(twins, "none") == []


def own_words(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every text in a content file, with the place where it stands."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict | list):
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from own_words(each, f"{place}/{name}")


def test_no_label_or_phrase_of_the_conversation_raises_an_alarm_but_those_that_tell_of_danger() -> None:
    content = HERE.parents[1] / "bot" / "content"
    files = ("core/en.yaml", "packs/intimacy/en.yaml", "packs/intimacy/nudges/en.yaml")
    texts = [pair for name in files for pair in own_words(yaml.safe_load((content / name).read_text("utf-8")), name)]
    short = [(place, text) for place, text in texts if len(text) <= 80 and "{" not in text]
    of_danger = ("core/en.yaml/safety/", "packs/intimacy/en.yaml/questions/safe/")
    assert len(short) > 1000
    assert [place for place, text in short if assess(text) != NOTHING and not place.startswith(of_danger)] == []
    assert any(assess(text) != NOTHING for place, text in short if place.startswith(of_danger))


def test_years_of_birth_are_those_of_people_under_18_for_as_long_as_the_file_says() -> None:
    data = _lexicon_file()
    first, until = data["birth_years"]["first"], data["birth_years"]["until"]
    assert until == first + 18
    assert born_until() == until
    assert wrong([f"i was born in {first}"], "ask", "minor") == []
    assert wrong([f"i was born in {first - 1}"], "none") == []


def test_years_of_birth_that_are_no_longer_right_are_a_problem_of_the_content() -> None:
    until = born_until()
    assert list(outdated(["en", "xx"], date(until, 12, 31))) == []
    (problem,) = outdated(["en", "xx"], date(until + 1, 1, 1))
    assert "birth_years" in problem
    assert str(until) in problem


def test_many_weak_signs_in_one_message_raise_a_doubt_and_no_more() -> None:
    detector = Detector(_lexicon_file(), Weigher(**plain({"weary": 0.6, "bed": 0.6}, base=-1.0)))
    texts = ["so weary", "we went to bed", "so weary that we went to bed"]
    assert [detector.assess(text).tier for text in texts] == ["none", "none", "ask"]
    assert detector.assess("so weary " + "and on " * 40 + "that we went to bed").tier == "none"
    assert [reason.weight for reason in detector.reasons(texts[-1])] == [2]


def test_one_word_again_and_again_is_no_more_than_said_once() -> None:
    detector = Detector(_lexicon_file(), Weigher(**plain({"fog": 0.6}, base=-1.0)))
    assert detector.assess("fog " * 1000) == NOTHING


def test_limits_say_how_far_words_alone_and_patterns_are_believed() -> None:
    limits = {"urgent": 2.0, "meant": -2.0, "heard": -5.0}
    detector = Detector(_lexicon_file(), Weigher(**plain({"fog": 3.0, "sun": -3.0, "snow": -6.0}, limits=limits)))
    alone = ["the tram", "the fog"]
    rest = ", and so it goes on and on"  # few words alone would say too little for a pattern not to be believed
    named = [f"i am suicidal{said}{rest}" for said in ("", ", sun", ", snow")]
    assert detector.assess("i am suicidal, snow").tier == "urgent"
    assert [detector.assess(text).tier for text in alone] == ["ask", "urgent"]
    assert [detector.assess(text).tier for text in named] == ["urgent", "ask", "none"]


def test_an_alarm_in_a_sentence_of_its_own_is_heard_in_the_midst_of_everyday_talk() -> None:
    talk = ["we talked about my job and the kids and then we went home.", "the garden was lovely and the dog slept all day."]
    alarms = ["i want to die.", "i took all my pills.", "my husband hit me last night."]
    texts = [" ".join(order) for alarm in alarms for order in ((alarm, *talk), (talk[0], alarm, talk[1]), (*talk, alarm))]
    assert [place for place, text in enumerate(texts) if assess(text).tier != "urgent"] == []


def test_what_a_denial_takes_away_the_network_does_not_bring_back() -> None:
    detector = Detector(_lexicon_file(), Weigher(**plain({}, base=1.0)))
    assert detector.assess("a walk in the park").tier == "ask"
    assert detector.assess("i am not suicidal").tier == "none"


NASTY = [
    "",
    "\x00",
    "\ud800",
    "😂" * 5000,
    "🔪💊" * 2000,
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
    "я хочу умереть " * 300,
    "mix ѕuісіdе ｋｉｌｌ ｍｙｓｅｌｆ " * 300,
]


@pytest.mark.parametrize("text", NASTY, ids=map(str, range(len(NASTY))))
def test_any_text_is_answered(text: str) -> None:
    found = assess(text)
    assert found.tier in {"none", "ask", "urgent"}


@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    found = assess(text)
    assert (found.tier == "none") == (found.category == "none")


_WORDS = [
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
    "🔪",
]


@given(st.lists(st.sampled_from(_WORDS), max_size=60))
def test_no_mixture_of_the_lexicons_own_words_raises(words: list[str]) -> None:
    found = assess(" ".join(words))
    assert found.category not in found.also


def _lexicon_file() -> dict[str, Any]:
    path = HERE.parents[1] / "bot" / "content" / "crisis" / "en.yaml"
    return dict(yaml.safe_load(path.read_text("utf-8")))


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


def test_no_pattern_stands_twice_in_a_block() -> None:
    data = _lexicon_file()
    blocks = [data["contexts"], data["phrases"], *data["patterns"].values()]
    lines = [[line.strip() for line in text.splitlines() if line.strip()[:1] != "#"] for b in blocks for text in b.values()]
    assert [len(each) - len(set(each)) for each in lines] == [0] * len(lines)
