"""An hour as somebody types it: "8pm", "quarter past seven", "20:15", "25:00". Read, or said why not, with the closest choices.

Pure, and no language of its own: the words come in as values (content/times/<lang>.yaml). What is not clear is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from rapidfuzz.distance import OSA

from bot.understanding.fold import fold
from bot.understanding.phrase import meant
from bot.understanding.read import normalise

T = TypeVar("T")
# Why nothing was read: there was nothing; no sense in it; several; no such hour or offset; a part of an hour ("half past").
Trouble: TypeAlias = Literal["", "empty", "none", "ambiguous", "range", "hour"]
Awake: TypeAlias = tuple[time, time]

AWAKE: Awake = (time(9), time(21))
LONGEST = 120  # characters: more is a story
_USUAL = (9, 12, 15, 18, 20)  # hours to offer for a part of an hour
_MOST = 6  # choices
_TOKEN = re.compile(r"(\d{1,2})\s?(?:[:.]\s?|(?<=\d)h)(\d\d?)(?!\d)(?::\d\d(?!\d))?|(\d+)|([^\W\d_]+)")
_DOTTED = re.compile(r"\b([^\W\d_])\.\s?([^\W\d_])\b\.?")  # "p.m."
# One letter for each word: Number, a number that can be Minutes, Clock time, Fraction, Unit of minutes, Past, To, sharp (O),
# Day part, named (Z), Joiner, unknown (X).
_TIME = re.compile(
    r"(?:(?P<rest>[NMF])U?(?P<way>[PT])(?P<hour>[NMZ]?)|(?P<half>F)(?P<of>[NM])|(?P<named>Z)|(?P<clock>C)"
    r"|(?P<whole>[NM])(?P<minute>M)?)O*(?P<part>D?)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard(Generic[T]):
    """What was read, or why it was not. `choices`: what else, or what instead, it might have been; the likeliest first."""

    value: T | None = None
    trouble: Trouble = ""
    choices: tuple[T, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class HourWords:
    """The words of one language for hours: what kind of word each is and what it stands for."""

    kinds: Mapping[str, tuple[str, Any]]
    twelve: bool
    half_before: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """One time in a text: the hours it can mean, the minute, or that one of them does not exist or is missing."""

    hours: tuple[int, ...] = ()
    minute: int = 0
    part: tuple[int, int] | None = None
    trouble: Trouble = ""
    near: tuple[time, ...] = ()


def hour_words(data: Mapping[str, Any]) -> HourWords:
    """HourWords from plain values as they stand under `hours:`. Raises ValueError, KeyError or TypeError for wrong ones."""
    kinds: dict[str, tuple[str, Any]] = {}
    lists = (("U", "minutes"), ("P", "past"), ("T", "to"), ("O", "sharp"), ("J", "joiners"), ("", "fillers"))
    for kind, name in lists:
        kinds |= {normalise(word): (kind, None) for word in data[name]}
    kinds |= {normalise(word): ("D", (int(start), int(end))) for word, (start, end) in data["parts"].items()}
    kinds |= {normalise(word): ("Z", time.fromisoformat(at)) for word, at in data["named"].items()}
    kinds |= {normalise(word): ("F", int(many)) for word, many in data["fractions"].items()}
    kinds |= {normalise(word): ("W", int(number)) for word, number in data["numbers"].items()}
    return HourWords(kinds=kinds, twelve=bool(data["twelve"]), half_before=bool(data["half_before"]))


def hour(text: str, words: HourWords, *, awake: Awake = AWAKE) -> Heard[time]:
    """The time of day in `text`. Of several choices, those within the `awake` hours come first. Never raises."""
    if not text.strip():
        return Heard(trouble="empty")
    tokens = _tokens(text, words) if len(text) <= LONGEST else []
    found, parts, unknown = _split(tokens, words)
    if not found:
        offered = tuple(time(h % 24) for start, end in parts[:1] for h in range(start, end))
        return Heard(trouble="hour" if parts else "none", choices=_first(offered, awake)[:_MOST] if parts else ())
    if len(found) == 1 and len(parts) == 1 and found[0].part is None:
        found = [_with(found[0], parts[0])]
        parts = []
    bad = next((each for each in found if each.trouble), None)
    if bad is not None:
        return Heard(trouble=bad.trouble, choices=_first(bad.near, awake)[:_MOST])
    times = tuple(dict.fromkeys(time(h, each.minute) for each in found for h in each.hours))
    clear = not unknown and not parts and all(each.part is None or _within(each.part, each.hours) for each in found)
    if len(times) == 1 and clear:
        return Heard(value=times[0])
    return Heard(trouble="ambiguous" if clear else "none", choices=_first(times, awake)[:_MOST])


def _tokens(text: str, words: HourWords) -> list[tuple[str, Any]]:
    """Each word with its kind; words that carry nothing left out."""
    plain = _DOTTED.sub(r"\1\2 ", fold(text).replace("'", ""))
    tokens: list[tuple[str, Any]] = []
    for hours, minutes, digits, word in _TOKEN.findall(plain):
        if hours:
            tokens.append(("C", (hours, int(minutes) if len(minutes) == 2 else -int(minutes))))
        elif digits:
            tokens.append(("C", (digits[:-2], int(digits[-2:]))) if len(digits) in (3, 4) else _number(int(digits), digits))
        else:
            kind, value = words.kinds.get(word) or words.kinds.get(_slip(word, words), ("X", None))
            if kind == "W":
                _say(value, tokens)
            elif kind:
                tokens.append((kind, value))
    return tokens


def _say(number: int, tokens: list[tuple[str, Any]]) -> None:
    """Add a number that was said in words: "five" after "twenty" makes one of both."""
    kind, value = tokens[-1] if tokens else ("", None)
    if kind == "M" and 0 < number < 10 and value in ((20, ""), (30, ""), (40, ""), (50, "")):
        tokens[-1] = _number(value[0] + number, "")
    else:
        tokens.append(_number(number, ""))


def _slip(word: str, words: HourWords) -> str:
    """The known word that this is a slip of; for a short one, a word with one letter more."""
    near = [known for known in words.kinds if len(word) == 4 and len(known) == 5 and known[0] == word[0]]
    near = [known for known in near if OSA.distance(word, known, score_cutoff=1) == 1]
    return near[0] if len(near) == 1 else meant(word, words.kinds)


def _number(number: int, digits: str) -> tuple[str, Any]:
    return ("M" if 10 <= number < 60 else "N", (number, digits))


def _split(tokens: list[tuple[str, Any]], words: HourWords) -> tuple[list[_Found], list[tuple[int, int]], bool]:
    """The times in a text; the parts of the day that stand apart from them; whether there are words that say something else."""
    kinds = "".join(kind for kind, _ in tokens)
    found: list[_Found] = []
    used: set[int] = set()
    for match in _TIME.finditer(kinds):
        values = {name: tokens[match.start(name)][1] for name, kind in match.groupdict().items() if kind}
        used |= set(range(*match.span()))
        found.append(_read(values, kinds[match.start("way")] if match["way"] else "", words))
    left = [token for place, token in enumerate(tokens) if place not in used]
    parts = list(dict.fromkeys(value for kind, value in left if kind == "D"))
    return found, parts, any(kind not in "DJ" for kind, _ in left)


def _read(values: Mapping[str, Any], way: str, words: HourWords) -> _Found:
    """One time from the values of its words."""
    part = values.get("part")
    if "named" in values:
        return _Found(hours=(values["named"].hour,), minute=values["named"].minute)
    if "clock" in values:
        digits, minute = values["clock"]
        return _clock(digits, minute, part, words)
    if "half" in values:
        return _clock(str(values["of"][0] - words.half_before), values["half"], part, words)
    if way:
        return _relative(values, way, part, words)
    number, digits = values["whole"]
    minute = values["minute"][0] if "minute" in values else 0
    return _clock(digits or str(number), minute, part, words)


def _relative(values: Mapping[str, Any], way: str, part: tuple[int, int] | None, words: HourWords) -> _Found:
    """So many minutes past or to an hour."""
    rest = values["rest"] if isinstance(values["rest"], int) else values["rest"][0]
    minute = rest if way == "P" else 60 - rest
    if not 0 < minute < 60:
        return _Found(trouble="range")
    if "hour" not in values:
        return _Found(trouble="hour", near=tuple(time(h, minute) for h in _USUAL))
    said = values["hour"]
    number, digits = (said.hour, f"{said.hour:02}") if isinstance(said, time) else said
    found = _clock(digits or str(number), minute if way == "P" else 0, part, words)
    if way == "P" or found.trouble:
        return found
    return _Found(hours=tuple((h - 1) % 24 for h in found.hours), minute=minute, part=found.part)


def _clock(digits: str, minute: int, part: tuple[int, int] | None, words: HourWords) -> _Found:
    """An hour as it is written, and a minute (below 0: of one digit); or the closest ones where there is none such."""
    written = int(digits)
    if written > 99:
        return _Found(trouble="none")
    if written > 24 or not 0 <= minute < 60 or (written == 24 and minute):
        return _Found(trouble="range", near=tuple(_close(written, minute)))
    both = words.twelve and 1 <= written <= 12 and not digits.startswith("0")
    if part is None and both and written == 12:
        both = False  # twelve is noon; midnight is said
    found = _Found(hours=(written % 12, written % 12 + 12) if both else (written % 24,), minute=minute)
    return _with(found, part) if part else found


def _with(found: _Found, part: tuple[int, int]) -> _Found:
    """The same in this part of the day; where it does not lie in it, the part is kept and fits none."""
    hours = found.hours
    if len(hours) == 1 and 0 < hours[0] <= 12:  # "08:00 pm"; and where a bare 8 is the morning's, "8 in the evening" is not
        hours = (hours[0] % 12, hours[0] % 12 + 12)
    fitting = tuple(h for h in hours if _within(part, (h,)))
    if len(fitting) > 1:  # a part as long as "night": the evening's, not the small hours'
        fitting = fitting[-1:]
    return _Found(hours=fitting or found.hours, minute=found.minute, part=part, trouble=found.trouble, near=found.near)


def _within(part: tuple[int, int], hours: tuple[int, ...]) -> bool:
    return all(part[0] <= h < part[1] or h + 24 < part[1] for h in hours)


def _close(written: int, minute: int) -> Iterator[time]:
    """The times that are one wrong or missing digit away from such an hour and minute."""
    hours = [h for h in range(24) if OSA.distance(f"{h:02}", f"{written:02}") <= 1] if written > 23 else [written]
    minutes = [minute]
    if minute < 0:
        minutes = [m for m in (-minute, -minute * 10) if m < 60]
    elif minute > 59:
        minutes = [m for m in range(0, 60, 15) if OSA.distance(f"{m:02}", f"{minute:02}") <= 1]
    if written == 24:
        hours.insert(0, 0)
    yield from (time(h, m) for h in hours or (23,) for m in minutes or (0,))


def _first(times: tuple[time, ...], awake: Awake) -> tuple[time, ...]:
    """The same, each once, those in the waking hours first."""
    return tuple(sorted(dict.fromkeys(times), key=lambda at: not awake[0] <= at < awake[1]))
