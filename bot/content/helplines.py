"""Reading helplines.yaml, laying an operator's own file over it, and what a release still asks of both.

A number that nobody confirmed on its provider's own page is never shown; what has no number (a directory, "your local
emergency number") cannot be wrong about one and always is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from bot.content.loader import ContentError, line_of, lines_of, read_yaml, require_codes
from bot.content.model import Confirmable, HelpLine, Helplines, Places

FILE = "helplines.yaml"
FRESH_DAYS = 180


def load(path: Path, over: Helplines | None = None) -> Helplines:
    """The lines in this file, laid `over` others where given: its countries replace theirs, and its worldwide lines, if any.

    Raises ContentError with file, line and remedy.
    """
    values = read_yaml(path)
    if isinstance(values, dict):
        require_codes(path, "countries", values.get("countries"))
        if over is not None:
            values = {"worldwide": over.worldwide, **values}
    try:
        lines = Helplines.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        message = str(first["msg"]).removeprefix("Value error, ")
        raise ContentError(
            f"{path}:{line_of(path, first['loc'])}: {where}: {message}; correct it as the notes on top of {FILE} say"
        ) from error
    return lines if over is None else lines.model_copy(update={"countries": {**over.countries, **lines.countries}})


def loaded(root: Path, own: Path | None) -> Helplines:
    """The lines of a content folder, with an operator's `own` file over them. Raises ContentError."""
    ours = load(root / FILE)
    return ours if own is None else load(own, ours)


def unready(root: Path, own: Path | None, today: date) -> Iterator[str]:
    """Every line in use that nobody confirmed within the last 180 days: file, line, and what to do."""
    ours = load(root / FILE)
    if own is None:
        yield from _unready(root / FILE, ours, today)
        return
    written = read_yaml(own)
    theirs = load(own, ours)
    replaced = set(written.get("countries") or ())
    rest = {code: lines for code, lines in ours.countries.items() if code not in replaced}
    mine = {code: lines for code, lines in theirs.countries.items() if code in replaced}
    worldwide = "worldwide" in written
    yield from _unready(own, theirs.model_copy(update={"countries": mine}), today, worldwide=worldwide)
    yield from _unready(root / FILE, ours.model_copy(update={"countries": rest}), today, worldwide=not worldwide)


def _unready(path: Path, lines: Helplines, today: date, *, worldwide: bool = True) -> Iterator[str]:
    rows = lines_of(path)
    for place, line in _placed(lines, worldwide=worldwide):
        if line.says and (what := wanting(line, today)):
            yield f"{path}:{rows[place]}: {'.'.join(map(str, place[:-1]))}: {line.name or line.kind}: {what}"


def _placed(lines: Helplines, *, worldwide: bool) -> Iterator[tuple[Places, HelpLine]]:
    if worldwide:
        yield from ((("worldwide", number), line) for number, line in enumerate(lines.worldwide))
    for code, each in lines.countries.items():
        yield from ((("countries", code, number), line) for number, line in enumerate(each))


def wanting(line: Confirmable, today: date) -> str:
    """What is to be done about this before a release; nothing (empty) where it is in order."""
    how = f"open {line.source_url}, compare, then set 'verified_on:' to that day and 'status: confirmed'"
    if line.status == "unconfirmed" or line.verified_on is None:
        return f"nobody confirmed it; {how}, or take it out"
    if line.verified_on > today:
        return f"'verified_on:' is in the future; {how}"
    if (days := (today - line.verified_on).days) > FRESH_DAYS:
        return f"it was confirmed {days} days ago, and {FRESH_DAYS} are the most; {how}"
    return ""
