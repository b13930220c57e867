"""What `closer check` checks of the daily nudges: enough of them, all in words, short, plain, kind, and safe to read.

Returns problems as lines that name file, line and remedy. What goes by the words of a language goes by those of English.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.content.grade import grade
from bot.content.library import DEFAULT
from bot.content.loader import ContentError, WordFile, at, line_of, twice
from bot.content.model import Pack
from bot.content.nudges import FIRST, PARTS, STRUCTURE, Nudge, Nudges, keys, load, words

EACH_NEED, EACH_DIFFICULTY = 30, 8
OPENINGS, OPENING = 12, 80
UNDER = {"text": 300, "how": 600, "plan": 200}  # characters
HARDEST = 8.0
PERSONAL = frozenset({"any", "friend", "old_friend", "family", "partner"})

_PERSON = re.compile(r"\b(I|me|my|mine)\b(?![^“]*”)")  # outside of quotation marks
_SAFE = re.compile(r"\b(safe|at ease|kind|trust(ed)?|gentle|friendly)\b", re.IGNORECASE)
_CONSENT = re.compile(r"\b(consent|yes)\b", re.IGNORECASE)
_PLAN = re.compile(r"\bWhen [^.]+, then [^.]+[.”]$")
_HARSH = re.compile(
    r"!|\b(streaks?|miss(es|ed|ing)? you|must|should|ought|fail\w*|guilt\w*|lazy|shame on|finally|excuses?|don't forget"
    r"|you (have|need) to|you (still )?haven't|days in a row|every single day)\b",
    re.IGNORECASE,
)
_REVEALING = re.compile(
    r"\b(intima\w+|touch\w*|hug\w*|cuddl\w*|kiss\w*|held|hold\w*|sex\w*|desir\w*|lov\w+|romanc?\w*|lone\w*|alone|close|closeness"
    r"|crav\w*|long(ed|ing)|need\w*|feel\w*|felt|partner\w*|dat(e|es|ing)|bod(y|ies)|connect\w*|therap\w*|support\w*|mental\w*"
    r"|health\w*|safe\w*|belong\w*|valid\w*|emotion\w*|friends?)\b",
    re.IGNORECASE,
)
# Words that point to somebody near: left out of whatever may reach people who are not safe with them.
POINTING = re.compile(
    r"\b(partners?|husbands?|wife|wives|spouses?|girlfriends?|boyfriends?|lovers?|famil\w+|relatives?|parents?|mothers?|fathers?"
    r"|mums?|moms?|dads?|siblings?|brothers?|sisters?|sons?|daughters?|couples?|marriages?|married|households?|homes?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Law:
    """What the words of some nudges must have (`wanted`) or must not have, and the remedy (`{}` is what was found)."""

    pattern: re.Pattern[str]
    remedy: str
    wanted: bool = False
    applies: Callable[[Nudge], bool] = lambda nudge: True


_LAWS = (
    _Law(pattern=_HARSH, remedy="says '{}'; say it as an offer"),
    _Law(pattern=_PERSON, remedy="speaks as '{}', and a program is no one; put that in “quotes” or say 'you'"),
    _Law(pattern=_PLAN, wanted=True, remedy="has a plan of another form; write “When ..., then ....”"),
    _Law(
        pattern=_CONSENT,
        wanted=True,
        applies=lambda nudge: nudge.touch or nudge.sex,
        remedy="is about touch or sex and does not name consent; name it",
    ),
    _Law(
        pattern=_SAFE,
        wanted=True,
        applies=lambda nudge: nudge.toward in PERSONAL,
        remedy="does not say that it is for someone safe or kind; say so",
    ),
    _Law(
        pattern=POINTING,
        applies=lambda nudge: not nudge.near,
        remedy="says '{}', and may reach people who are not safe with them; leave it out",
    ),
)


def check(folder: Path, pack: Pack) -> list[str]:
    """Every problem found in this folder of nudges (structure and words), ordered by file."""
    path = folder / STRUCTURE
    try:
        nudges, files = load(path), words(folder)
    except ContentError as error:
        return str(error).splitlines()
    problems = [*_structure(path, nudges, pack), *_missing_language(folder, files)]
    for file in files:
        problems += [*_whole(file, nudges), *_short(file), *_once(file)]
        if file.language == DEFAULT:
            problems += [*_openings(file), *_english(file, nudges)]
    for each in (path, *(file.path for file in files)):
        problems += [f"{each}:{line}: '{key}' stands here again; keep one" for line, key in twice(each)]
    return sorted(set(problems))


def _structure(path: Path, nudges: Nudges, pack: Pack) -> Iterator[str]:
    needs = [need.id for need in pack.needs]
    for place, nudge in enumerate(nudges.nudges):
        for part, name, known in (("need", nudge.need, needs), ("source", nudge.source, pack.sources)):
            if name not in known:
                line = line_of(path, ("nudges", place, part))
                yield f"{path}:{line}: the {part} '{name}' of '{nudge.id}' is not in pack.yaml; add it there or correct it"
    for need in (*nudges.anyone, *needs):
        if need not in needs:
            yield f"{path}:{line_of(path, ('anyone',))}: the need '{need}' is not in pack.yaml; correct it"
    count = Counter((nudge.need, nudge.difficulty) for nudge in nudges.nudges)
    line = line_of(path, ("nudges",))
    for need in needs:
        all_of_it = sum(count[need, difficulty] for difficulty in (1, 2, 3))
        if all_of_it < EACH_NEED:
            yield f"{path}:{line}: need '{need}' has {all_of_it} nudges; write at least {EACH_NEED}"
        for difficulty in (1, 2, 3):
            if (found := count[need, difficulty]) < EACH_DIFFICULTY:
                yield f"{path}:{line}: '{need}' has {found} of difficulty {difficulty}; write at least {EACH_DIFFICULTY}"


def _missing_language(folder: Path, files: tuple[WordFile, ...]) -> Iterator[str]:
    if all(file.language != DEFAULT for file in files):
        yield f"{folder / DEFAULT}.yaml:1: the nudges have no words in '{DEFAULT}'; restore this file"


def _whole(file: WordFile, nudges: Nudges) -> Iterator[str]:
    wanted = set(keys(nudges))
    for key in sorted(wanted - file.entries.keys()):
        yield at(file, key, f"no words for '{key}'; write them here")
    for key, entry in file.entries.items():
        if key not in wanted:
            yield at(file, key, f"'{key}' belongs to no nudge; remove it or correct its name")
        elif isinstance(entry, str) is (key == FIRST):
            yield at(file, key, f"'{key}' is {'a list of openings' if key == FIRST else 'one text'}; write it as that")


def _short(file: WordFile) -> Iterator[str]:
    for key, text in _texts(file):
        most = UNDER.get(key.rpartition(".")[2])
        if most is not None and len(text) >= most:
            yield at(file, key, f"'{key}' has {len(text)} characters; keep it under {most}")
        if "{" in text or "}" in text:
            yield at(file, key, f"'{key}' has a brace, and no value is put into nudges; take it out")


def _once(file: WordFile) -> Iterator[str]:
    seen: dict[str, str] = {}
    for key, text in _texts(file):
        plain = " ".join(re.findall(r"\w+", text.casefold()))
        if plain in seen:
            yield at(file, key, f"'{key}' says the same as '{seen[plain]}'; give it words of its own")
        seen.setdefault(plain, key)


def _openings(file: WordFile) -> Iterator[str]:
    entry = file.entries.get(FIRST)
    lines = entry if isinstance(entry, tuple) else ()
    if len(set(lines)) < OPENINGS:
        yield at(file, FIRST, f"'{FIRST}' has {len(set(lines))} different lines; write at least {OPENINGS}")
    for line in lines:
        if found := _REVEALING.search(line):
            yield at(file, FIRST, f"an opening says '{found[0]}', which a locked screen would show; leave it out")
        if found := _HARSH.search(line):
            yield at(file, FIRST, f"an opening says '{found[0]}'; say it as an offer")
        if len(line) > OPENING:
            yield at(file, FIRST, f"an opening has {len(line)} characters; {OPENING} is the most")


def _english(file: WordFile, nudges: Nudges) -> Iterator[str]:
    for nudge in nudges.nudges:
        parts = [text for part in PARTS if isinstance(text := file.entries.get(f"{nudge.id}.{part}"), str)]
        if len(parts) < len(PARTS):
            continue  # said elsewhere
        said = " ".join(parts)
        if (found := grade(said)) > HARDEST:
            what = f"reads at grade {found:.1f}; {HARDEST:.0f} is the most: shorten its sentences"
            yield at(file, nudge.id, f"'{nudge.id}' {what}")
        for law in _LAWS:
            match = law.pattern.search(said)
            if law.applies(nudge) and (match is None) is law.wanted:
                yield at(file, nudge.id, f"'{nudge.id}' {law.remedy.format(match and match[0])}")


def _texts(file: WordFile) -> Iterator[tuple[str, str]]:
    for key, entry in file.entries.items():
        for text in entry if isinstance(entry, tuple) else (entry,):
            if isinstance(text, str):
                yield key, text
