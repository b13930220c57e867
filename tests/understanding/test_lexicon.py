"""The pattern language: what a pattern finds is what reading it word by word would find, and its mistakes are named."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.lexicon import Lexicon, LexiconError, Step, grouped
from bot.understanding.scan import HARD, OTHER, Scan, Tokens

GROUPS = {"not": ["not"], "act": ["hit", "beat"]}


def found(pattern: str, text: str, phrases: dict[str, list[str]] | None = None) -> list[tuple[int, int]]:
    lexicon = Lexicon(groups=GROUPS, patterns={"x": [pattern]}, phrases=phrases)
    words = [word if word in lexicon.words or word == HARD else OTHER for word in text.replace(",", " ").split()]
    commas = [text[:at].count(" ") + 1 for at, c in enumerate(text) if c == ","]
    return list(Scan(lexicon, Tokens(words=words, clauses=commas)).spans(lexicon.patterns[0]))


@pytest.mark.parametrize(
    ("pattern", "text", "spans"),
    [
        ("he {act} me", "he beat me", [(0, 3)]),
        ("he {act} me", "he beat . me", []),
        ("he ~2 me", "he really did me", [(0, 4)]),
        ("he ~2 me", "he not hit me", []),
        ("he >3 me", "he . not me", [(0, 4)]),
        ("he {act}? me", "he me", [(0, 2)]),
        ("he {act} !me", "he hit me", []),
        ("he {act} !me", "he hit you", [(0, 2)]),
        ("he * me", "he hit me", [(0, 3)]),
        ("he * me", "he . me", []),
        ("^ hit", "he . hit hit", [(2, 3)]),
        ("< hit", "he, hit hit", [(1, 2)]),
        ("hit $", "hit hit", [(1, 2)]),
        ("hit me|$", "hit . hit me", [(0, 1), (2, 4)]),
        ("hit & me", "hit . me", []),
        ("hit & me", "me hit", [(1, 2)]),
        ("hit && me", "hit . me", [(0, 1)]),
        ("hit &! me", "hit . me", []),
        ("hit &! me", "hit . you", [(0, 1)]),
        ("he @harm", "he hit me", [(0, 3)]),
        ("@harm now", "he beat me up now", [(1, 5)]),
        ("he not", "he he not", [(1, 3)]),
    ],
)
def test_what_a_pattern_finds(pattern: str, text: str, spans: list[tuple[int, int]]) -> None:
    assert found(pattern, text, {"harm": ["{act} me", "{act} me up"]}) == spans


def _plainly(steps: Sequence[Step], words: Sequence[str], at: int) -> bool:
    """The same question answered by trying every way, as the language is described."""
    if not steps:
        return True
    step, rest = steps[0], steps[1:]
    here = words[at] if at < len(words) else HARD
    fits = here in step.names or any(here in GROUPS.get(name[1:], ()) for name in step.names)
    ends = step.or_end and here == HARD
    taken = fits and at < len(words) and _plainly(rest, words, at + 1)
    left = _plainly(rest, words, at)
    if step.kind in {"gap", "far"}:
        stop = at
        while stop < min(len(words), at + step.most) and (step.kind == "far" or words[stop] not in {HARD, "not"}):
            stop += 1
        return any(_plainly(rest, words, further) for further in range(at, stop + 1))
    return {
        "word": taken,
        "rich": taken or (ends and left),
        "optional": taken or left,
        "forbidden": left and not fits and not ends,
        "any": here != HARD and _plainly(rest, words, at + 1),
        "end": left and here == HARD,
    }.get(step.kind, left and (at == 0 or words[at - 1] == HARD))


PIECES = st.sampled_from(["he", "{act}", "me|he", "me?", "!he", "!{act}|$", "~1", "~3", ">2", "*", "^", "$", "me|$", "not"])
WORDS = st.lists(st.sampled_from(["he", "hit", "beat", "me", "not", HARD, "?"]), max_size=12)


@given(st.lists(PIECES, min_size=1, max_size=6), WORDS)
def test_a_scan_finds_what_trying_every_way_finds(pieces: list[str], text: list[str]) -> None:
    lexicon = Lexicon(groups=GROUPS, patterns={"x": [" ".join(["he", *pieces])]})
    words = [word if word in lexicon.words or word == HARD else OTHER for word in text]
    pattern = lexicon.patterns[0]
    starts = [at for at in range(len(words)) if _plainly(pattern.parts[0].steps, words, at)]
    assert sorted(start for start, _ in Scan(lexicon, Tokens(words=words)).spans(pattern)) == starts[:8]


def test_words_taken_out_are_found_no_more_and_everything_stays_in_its_place() -> None:
    lexicon = Lexicon(groups=GROUPS, patterns={"x": ["hit me"], "y": ["me"]})
    scan = Scan(lexicon, Tokens(words=["hit", "me", HARD, "me"]))
    scan.forget(list(scan.spans(lexicon.patterns[0])))
    assert list(scan.spans(lexicon.patterns[0])) == []
    assert list(scan.spans(lexicon.patterns[1])) == [(3, 4)]
    assert scan.sentence(3, 4) == (3, 4)


def test_a_group_that_does_not_exist_is_named() -> None:
    with pytest.raises(LexiconError, match=r"no group \{nope\}"):
        Lexicon(groups=GROUPS, patterns={"x.ask": ["{nope} me"]})


def test_a_phrase_is_known_only_to_what_comes_after_it() -> None:
    phrases = {"first": ["hit @second"], "second": ["me"]}
    with pytest.raises(LexiconError, match="no phrase @second before it"):
        Lexicon(groups=GROUPS, patterns={}, phrases=phrases)


@pytest.mark.parametrize("source", ["~9 die", "~x", ">9 die", ">", "{Kill}", "a||b", "di*", "a & ~2", "^ ~2 a?"])
def test_a_pattern_that_cannot_be_read_is_named(source: str) -> None:
    with pytest.raises(LexiconError, match="pattern"):
        Lexicon(groups=GROUPS, patterns={"x": [source]})


def test_a_group_may_name_regular_forms_and_the_groups_before_it() -> None:
    groups = grouped({"hurt": "slap+ push+ burn+ cry+ force+", "all": "{hurt} kick"})
    assert groups["hurt"][:4] == ["slap", "slaps", "slapped", "slapping"]
    assert {"pushes", "pushed", "burning", "cries", "cried", "crying", "forced", "forcing"} <= set(groups["hurt"])
    assert groups["all"] == [*groups["hurt"], "kick"]
    with pytest.raises(LexiconError, match="no group"):
        grouped({"all": "{hurt}", "hurt": "hit"})
