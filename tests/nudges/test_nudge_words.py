"""The nudges as shipped: enough, in words, plain and kind; and each fault named with file, line and remedy."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from bot.content.grade import grade
from bot.content.library import Library
from bot.content.loader import ROOT, ContentError, read_pack
from bot.content.nudge_check import check
from bot.content.nudges import FIRST, PARTS, STRUCTURE, Nudges, keys, load, words

PACK = ROOT / "packs" / "intimacy"
SHIPPED = PACK / "nudges"
WORDS = "en.yaml"


@cache
def nudges() -> Nudges:
    return load(SHIPPED / STRUCTURE)


@cache
def said() -> dict[str, object]:
    return dict(words(SHIPPED)[0].entries)


@cache
def pack():
    return read_pack(PACK)


def joined(name: str) -> str:
    return " ".join(str(said()[f"{name}.{part}"]) for part in PARTS)


# -- what is shipped --------------------------------------------------------------------------------------------------


def test_what_is_shipped_is_in_order():
    assert check(SHIPPED, pack()) == []


def test_there_are_enough_for_each_need_even_without_partner_and_family():
    far = [n for n in nudges().nudges if not n.near and n.id not in nudges().seconds()]
    assert len(nudges().nudges) >= 160
    for need in pack().needs:
        assert len([n for n in nudges().nudges if n.need == need.id]) >= 32
        count = Counter(n.difficulty for n in far if n.need == need.id)
        assert sum(count.values()) >= 30, need.id
        assert min(count[difficulty] for difficulty in (1, 2, 3)) >= 8, need.id


def test_each_need_has_easy_ones_for_a_night_alone():
    for need in pack().needs:
        assert len([n for n in nudges().nudges if n.need == need.id and n.alone and n.difficulty == 1]) >= 5, need.id


def test_what_points_to_others_is_the_larger_part():
    assert len([n for n in nudges().nudges if n.toward != "self"]) > len(nudges().nudges) / 2


def test_what_can_be_done_alone_at_any_hour_needs_nobody_in_person():
    alone = Counter(n.toward for n in nudges().nudges if n.alone)
    assert alone.keys() <= {"self", "group", "stranger"}  # groups online, lines that listen
    assert alone["self"] > 40


@pytest.mark.parametrize("name", [n.id for n in nudges().nudges if n.near])
def test_what_points_to_somebody_near_says_that_it_is_for_safe_ones(name):
    assert re.search(r"\b(safe|at ease)\b", joined(name))


def test_the_hardest_to_read_is_well_under_the_limit():
    assert max(grade(joined(n.id)) for n in nudges().nudges) <= 8


def test_nothing_erotic():
    loud = re.compile(
        r"\b(naked|nude|orgasm\w*|arous\w*|masturb\w*|porn\w*|genital\w*|foreplay|erotic\w*|seduc\w*)\b", re.IGNORECASE
    )
    assert not [n.id for n in nudges().nudges if loud.search(joined(n.id))]


def test_two_step_ones_lead_from_oneself_or_a_current_friend_to_another_person():
    by_id = {n.id: n for n in nudges().nudges}
    pairs = [(n, by_id[n.then]) for n in nudges().nudges if n.then]
    assert ("two_hellos", "old_hello") in [(first.id, second.id) for first, second in pairs]
    assert all(first.toward in ("self", "friend") and second.toward != "self" for first, second in pairs)


def test_the_words_can_be_read_as_part_of_a_library():
    files = words(SHIPPED, "intimacy.nudges.")
    library = Library(files)
    for key in keys(nudges(), "intimacy.nudges."):
        assert library.entry("en", key)


# -- every fault is named with file, line and remedy ------------------------------------------------------------------

# name: (file, what is replaced, by what, a word on the line to be named, words of the message)
FAULTY = {
    "a need that is not in the pack": (
        STRUCTURE,
        "soft_thing, need: touch",
        "soft_thing, need: warmth",
        "soft_thing",
        ("warmth",),
    ),
    "a source that is not in the pack": (
        STRUCTURE,
        "(hand_cream.*)packheiser",
        r"\1nobody",
        "hand_cream",
        ("nobody", "add it"),
    ),
    "a need for anyone that is not there": (STRUCTURE, r"anyone: \[emotional", "anyone: [joy", "anyone:", ("joy",)),
    "words left out": (WORDS, r"^  plan: .*last task.*\n", "", "one_moment:", ("one_moment.plan", "write them here")),
    "words of nobody": (WORDS, r"^two_hellos:", "stray:\n  text: A.\ntwo_hellos:", "text: A.", ("stray.text", "remove it")),
    "a text too long": (WORDS, "Hold a warm mug in both", f"Hold a {'very ' * 60} warm mug", "very very", ("under 300",)),
    "a how-to too long": (WORDS, "Tea, soup or plain", f"Tea, {'soup, ' * 100} or plain", "soup, soup", ("under 600",)),
    "a plan too long": (WORDS, "When the kettle has boiled", f"When the {'big ' * 60} kettle", "big big", ("under 200",)),
    "a brace": (WORDS, "Wrap yourself in", "Wrap {name} in", "Wrap {name}", ("brace", "take it out")),
    "the same words twice": (
        WORDS,
        "When you next wash, then stay a minute longer in the warm water.",
        "When you're cold or restless, then wrap up for TEN breaths.",
        "TEN breaths",
        ("'heavy_wrap.plan'", "words of its own"),
    ),
    "too few openings": (WORDS, r"(^first:\n(  - .*\n){3})(  - .*\n)+", r"\1", "first:", ("3 different", "at least 12")),
    "harsh words": (WORDS, "Rub some cream", "You should rub cream", "hand_cream:", ("should", "as an offer")),
    "an exclamation mark": (WORDS, "Notice what is holding you up.", "Notice it!", "feet_on_floor:", ("'!'",)),
    "a program that says I": (WORDS, "A wave, a picture of your tea,", "I like tea,", "two_hellos:", ("'I'", "no one")),
    "a plan of another form": (WORDS, "When a song stays in your head, then send", "Send", "song_sent:", ("another form",)),
    "touch without consent": (
        WORDS,
        "If they meet your hand, that's their yes.",
        "They may.",
        "high_five:",
        ("consent", "name it"),
    ),
    "someone who may not be safe": (
        WORDS,
        "Pick a friend who is kind about such things.",
        "Any.",
        "song_sent:",
        ("safe or kind",),
    ),
    "somebody near, for everyone": (
        WORDS,
        "along with somebody",
        "along with your sister",
        "last_laugh:",
        ("'sister'", "not safe"),
    ),
    "an opening that tells": (WORDS, "Something small for today", "Something on touch", "first:", ("'touch'", "locked screen")),
    "an opening that pushes": (
        WORDS,
        "Something small for today",
        "Day 5 of your streak",
        "first:",
        ("'streak'", "as an offer"),
    ),
    "an opening too long": (WORDS, "Something small for today", "Something small " * 6, "first:", ("80 is the most",)),
    "a nudge that is written twice": (
        WORDS,
        r"^hand_cream:",
        "warm_mug:\n  text: A.\nhand_cream:",
        "",
        ("'warm_mug'", "keep one"),
    ),
    "hard to read": (
        WORDS,
        "Late is fine.",
        "Interpersonal communication possibilities notwithstanding considerable complications remain available " * 2,
        "real_reply:",
        ("grade", "shorten"),
    ),
}


def broken(folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the shipped nudges with this one fault."""
    root = Path(shutil.copytree(SHIPPED, folder / "nudges"))
    text = (root / file).read_text("utf-8")
    changed, count = re.subn(old, new, text, count=1, flags=re.MULTILINE)
    assert count == 1, f"{old} is not in {file}"
    (root / file).write_text(changed, "utf-8")
    return root


@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_is_named_with_file_line_and_remedy(name, tmp_path):
    file, old, new, needle, wanted = FAULTY[name]
    root = broken(tmp_path, file, old, new)
    found = check(root, pack())
    lines = (root / file).read_text("utf-8").splitlines()
    place = next((number for number, line in enumerate(lines, 1) if needle and needle in line), None)
    where = f"{root / file}:{place}: " if place else f"{root / file}:"
    assert any(problem.startswith(where) and all(word in problem for word in wanted) for problem in found), found


def test_too_few_of_a_need_and_of_a_difficulty_are_named(tmp_path):
    root = broken(tmp_path, STRUCTURE, "(, need: )touch(, difficulty: )3", r"\1touch\g<2>2")
    text = (root / STRUCTURE).read_text("utf-8")
    (root / STRUCTURE).write_text(re.sub("need: touch, difficulty: 3", "need: desire, difficulty: 3", text), "utf-8")
    found = "\n".join(check(root, pack()))
    assert "need 'touch' has 27 nudges; write at least 30" in found
    assert "'touch' has 0 of difficulty 3; write at least 8" in found


UNREADABLE = {
    "an unknown part": ("difficulty: 1, toward: self", "difficulty: 1, colour: red, toward: self", "one_moment", "colour"),
    "a difficulty that is not there": ("(one_moment.*)difficulty: 1", r"\1difficulty: 4", "one_moment", "difficulty"),
    "an id twice": (
        "id: song_sent",
        "id: too_busy",
        "need: emotional, difficulty: 1, toward: friend, kind: message, source: liu}",
        "taken",
    ),
    "the id of the openings": ("id: song_sent", f"id: {FIRST}", f"id: {FIRST}", "taken"),
    "a second step that is not there": ("then: moment_sent", "then: nowhere", "one_moment", "no nudge"),
    "a second step that leads on": ("then: moment_sent", "then: two_hellos", "one_moment", "leads on"),
    "a second step of another need": ("then: moment_sent", "then: warm_mug", "one_moment", "another need"),
    "a second step much harder": ("then: moment_sent", "then: turn_questions", "one_moment", "one harder"),
    "a second step of two": ("then: moment_sent", "then: thank_listener", "good_listener", "follows another"),
    "no YAML": (r"^nudges:", "nudges: [", "", "correct"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_structure_that_cannot_stand_is_refused_with_file_line_and_remedy(name, tmp_path):
    old, new, needle, word = UNREADABLE[name]
    root = broken(tmp_path, STRUCTURE, old, new)
    with pytest.raises(ContentError) as refused:
        load(root / STRUCTURE)
    lines = (root / STRUCTURE).read_text("utf-8").splitlines()
    places = [number for number, line in enumerate(lines, 1) if needle in line]
    message = next(line for line in str(refused.value).splitlines() if word in line)
    found = re.match(re.escape(f"{root / STRUCTURE}:") + r"(\d+): .+", message)
    assert found
    assert int(found[1]) in places
    assert check(root, pack()) == str(refused.value).splitlines()


def test_without_english_words_or_any_file_it_says_so(tmp_path):
    root = Path(shutil.copytree(SHIPPED, tmp_path / "nudges"))
    (root / WORDS).rename(root / "de.yaml")
    assert any(f"{root / WORDS}:1: " in problem and "restore" in problem for problem in check(root, pack()))
    (root / STRUCTURE).unlink()
    assert any(str(root / STRUCTURE) in problem for problem in check(root, pack()))
