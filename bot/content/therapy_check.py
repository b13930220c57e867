"""What `closer check` checks of the therapy guide beyond its words being there: whom they point to, how they fit a screen.

Returns problems as lines that name file, line and remedy. What goes by the words of a language goes by those of English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path

from bot.content.helplines import wanting
from bot.content.library import DEFAULT
from bot.content.loader import ContentError, WordFile, at, line_of, lines_of, read_words, texts
from bot.content.model import Pack
from bot.content.nudge_check import POINTING
from bot.content.render import LONGEST
from bot.content.therapy import STRUCTURE, Guide, keys, load

# Between two parts of one message.
_GAP = 2
_FIELD = re.compile(r"\{\w+\}")
_PUSHING = re.compile(
    r"!|\b(should|must|ought|I (recommend|advise|suggest|diagnose)|we offer|guarantee\w*|proven|best therap\w+)\b",
    re.IGNORECASE,
)


def check(folder: Path, pack: Pack) -> list[str]:
    """Every problem found in this folder, ordered by file."""
    path = folder / STRUCTURE
    try:
        guide = load(path)
        files = [read_words(each) for each in sorted(folder.glob("*.yaml")) if each.name != STRUCTURE]
    except ContentError as error:
        return str(error).splitlines()
    problems = [*_references(path, guide, pack)]
    if all(file.language != DEFAULT for file in files):
        problems.append(f"{folder / DEFAULT}.yaml:1: the guide has no words in '{DEFAULT}'; restore this file")
    for file in files:
        problems += _beside(file, guide)
        if file.language == DEFAULT:
            problems += _english(file, guide)
    return sorted(set(problems))


def needed(folder: Path, pack: Pack) -> Iterator[str]:
    """Every key for which the structure promises words; none where it cannot be read, which `check` says."""
    try:
        yield from keys(load(folder / STRUCTURE), f"{pack.name}.{folder.name}")
        # Said only to somebody who is told of while on one of a few pages: hardly any walk comes to it.
        yield f"{pack.name}.{folder.name}.apart.text"
    except ContentError:
        return


def unready(folder: Path, today: date) -> Iterator[str]:
    """Every directory that nobody confirmed lately: file, line, and what to do. Raises ContentError."""
    path = folder / STRUCTURE
    rows = lines_of(path)
    for code, lists in load(path).directories.items():
        for number, each in enumerate(lists):
            if what := wanting(each, today):
                yield f"{path}:{rows['directories', code, number]}: directories.{code}: {each.name}: {what}"


def near_keys(guide: Guide) -> tuple[str, ...]:
    """What the keys begin with whose words may speak of partner and family."""
    found = [f"{where}.{name}" for name in sorted(guide.near) for where in ("kinds", "sides", "fit.maybe")]
    found += [f"kinds.{kind.id}.pages.{page.id}" for kind in guide.kinds for page in kind.pages if page.near]
    return tuple(found)


def _references(path: Path, guide: Guide, pack: Pack) -> Iterator[str]:
    for place, source in enumerate(guide.reading):
        if source not in pack.sources:
            line = line_of(path, ("reading", place))
            yield f"{path}:{line}: the source '{source}' is not in pack.yaml; add it there or correct it"
    known = {need.id for need in pack.needs}
    for need in guide.fit.needs:
        if need not in known:
            yield f"{path}:{line_of(path, ('fit', 'needs', need))}: the need '{need}' is not in pack.yaml; correct it"


def _beside(file: WordFile, guide: Guide) -> Iterator[str]:
    """Any two sides are one message."""
    for one, other in combinations((side.id for side in guide.compare.sides), 2):
        length = _length(file, "compare.head") + _length(file, f"sides.{one}.name") + _length(file, f"sides.{other}.name")
        for row in guide.compare.rows:
            parts = (f"compare.rows.{row}", *(f"sides.{side}.{part}" for side in (one, other) for part in ("name", row)))
            length += _GAP + _length(file, "compare.row") + sum(_length(file, key) for key in parts)
        if length > LONGEST:
            yield at(file, f"sides.{other}", f"'{one}' beside '{other}' has {length} characters; {LONGEST} is the most")


def _english(file: WordFile, guide: Guide) -> Iterator[str]:
    near = near_keys(guide)
    for key, entry in file.entries.items():
        if ".also." in key:
            continue
        for text in texts(entry):
            if found := _PUSHING.search(text):
                yield at(file, key, f"'{key}' says '{found[0]}'; explain, and leave the choice to the person")
            if (found := POINTING.search(text)) and not _within(key, near):
                yield at(file, key, f"'{key}' says '{found[0]}', and may reach people who are not safe with them; leave it out")


def _within(key: str, near: tuple[str, ...]) -> bool:
    return any(key == each or key.startswith(f"{each}.") for each in near)


def _length(file: WordFile, key: str) -> int:
    entry = file.entries.get(key)
    return len(_FIELD.sub("", entry)) if isinstance(entry, str) else 0
