"""Making things fit a platform's limits: texts in pieces, labels shortened, buttons in rows. Pure, and knows no platform."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")
ELLIPSIS = "…"
# Where a text may be cut, the best place first: between paragraphs, lines, sentences, words.
_SEAMS = ("\n\n", "\n", ". ", " ")


def utf16(text: str) -> int:
    """The length in UTF-16 code units, which is how Telegram and Discord's clients count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def pieces(text: str, most: int, size: Callable[[str], int] = utf16) -> list[str]:
    """The text in pieces of at most `most` units, cut between paragraphs where possible. Never an empty piece."""
    found: list[str] = []
    while size(text) > most:
        cut = _cut(text, most, size)
        found.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [piece for piece in (*found, text) if piece]


def label(text: str, most: int, size: Callable[[str], int] = utf16) -> str:
    """A label of at most `most` units, with an ellipsis where something was left out."""
    if size(text) <= most:
        return text
    room = most - size(ELLIPSIS)
    return text[: _longest(text, room, size)].rstrip() + ELLIPSIS


def rows(items: Iterable[T], width: Callable[[T], int], *, room: int, most: int) -> list[list[T]]:
    """The items in rows, in order: as many to a row as `room` units of width and `most` items allow."""
    found: list[list[T]] = []
    used = 0
    for item in items:
        wide = width(item)
        if found and used + wide <= room and len(found[-1]) < most:
            found[-1].append(item)
            used += wide
        else:
            found.append([item])
            used = wide
    return found


def shares(items: Sequence[T], most: int) -> list[Sequence[T]]:
    """The items in groups of at most `most`, in order."""
    return [items[start : start + most] for start in range(0, len(items), most)]


def _cut(text: str, most: int, size: Callable[[str], int]) -> int:
    end = _longest(text, most, size)
    for seam in _SEAMS:
        place = text.rfind(seam, 1, end + 1)
        # A seam near the beginning would make many small pieces: a worse seam further on is better.
        if place > end // 3:
            return place + len(seam.rstrip())
    return max(end, 1)


def _longest(text: str, most: int, size: Callable[[str], int]) -> int:
    """How many characters of the text take at most `most` units."""
    low, high = 0, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(text[:middle]) <= most else (low, middle - 1)
    return low
