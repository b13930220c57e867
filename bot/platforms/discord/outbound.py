"""How a reply looks in Discord: which messages, with which controls, made by which calls. Pure: decides, calls nothing.

The walk is one quiet message that changes: a press edits it, as the answer to the press itself. What is worth keeping
stays as it is and only loses its buttons. Nothing that is sent says what somebody answered: ids and values are sealed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, TypeAlias

from bot.content.markup import Style, written
from bot.content.render import Bubble, Button, File
from bot.platforms import fit
from bot.platforms.discord.inbound import MAIL, ONE, PREFIX, TICKS, TYPE, How
from bot.platforms.discord.words import Labels

# Limits of API v10: /developers/docs/resources/message (content), /components/reference (the rest).
LONGEST, LONGEST_LABEL, LONGEST_OPTION, LONGEST_PLACEHOLDER = 2_000, 80, 100, 150
LONGEST_TITLE, LONGEST_WORDS = 45, 4_000
ROWS, IN_ROW, IN_SELECT = 5, 5, 25
# How many units of label share a row, the tidiest first: a phone shows some thirty beside each other.
ROOMS = (32, 64, 1_000)
_ROW, _BUTTON, _SELECT, _TEXT_INPUT, _LABEL = 1, 2, 3, 4, 18
_PARAGRAPH = 2
_PRIMARY, _SECONDARY, _SUCCESS = 1, 2, 3
_EMPTY = "\u200b"

Json: TypeAlias = Mapping[str, Any]
# Seals the key of one control; and the sealer of one screen, by its turn and whether it is kept.
Seal: TypeAlias = Callable[[str], str]
Seals: TypeAlias = Callable[[int, bool], Seal]


class Verb(Enum):
    """What to call.

    RESPOND answers the interaction with a message, UPDATE by changing the one that was pressed; once it is deferred,
    COMPLETE does either. FOLLOW sends another message.
    """

    RESPOND = "respond"
    UPDATE = "update"
    COMPLETE = "complete"
    FOLLOW = "follow"


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message. `text` None leaves the words of a message that stands already."""

    text: str | None
    rows: tuple[Json, ...] = ()
    files: tuple[File, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call, which shows one message."""

    verb: Verb
    message: Message


_URL = re.compile(r"https?://[^\s<>]*[^\s<>.,:;!?)\]'\"“”’]")
_MARKS = re.compile(r"[\\*_~`|<>\[\]]")
_STARTS = re.compile(r"(?m)^([ \t]*)(#{1,3}(?=\s)|-(?=#)|[-+](?=\s)|\d+\.(?=\s))")
_CALLING = re.compile(r"@(?=everyone|here)")


def _text(text: str) -> str:
    """Text that Discord shows as it is: no markup, no mention; bare addresses in brackets, so that no preview unfolds."""
    if "://" not in text:
        return _escaped(text)
    parts: list[str] = []
    end = 0
    for match in _URL.finditer(text):
        parts += (_escaped(text[end : match.start()]), f"<{match[0]}>")
        end = match.end()
    return "".join((*parts, _escaped(text[end:])))


def _escaped(text: str) -> str:
    text = _STARTS.sub(_no_start, _MARKS.sub(r"\\\g<0>", text))
    return _CALLING.sub("@\u200b", text) if "@" in text else text


def _no_start(match: re.Match[str]) -> str:
    """What would begin a heading or a list, so that it does not."""
    space, mark = match.groups()
    return f"{space}{mark[:-1]}\\." if mark[-1] == "." else f"{space}\\{mark}"


def _link(inside: str, address: str) -> str:
    """A link without a preview. Discord shows no link behind words that look like an address themselves."""
    return f"<{address}>" if inside in address else f"[{inside}](<{address}>)"


STYLE = Style(text=_text, bold=lambda inside: f"**{inside}**", soft=lambda inside: f"*{inside}*", link=_link)


def messages(bubbles: Sequence[Bubble], seals: Seals, labels: Labels, *, hidden: bool) -> tuple[Message, ...]:
    """The messages of a reply, in order. Where it is hidden there is a button to type, and one for what is worth keeping."""
    found: list[Message] = []
    for bubble in joined(bubbles):
        texts = pieces(bubble.text) or [_EMPTY]
        # A message with files is kept as well: to edit it would leave them hanging below another question.
        seal = seals(bubble.turn, bubble.keep or bubble.files != ())
        mail = (_row([_button(seal(f"{MAIL}.{labels.language}"), labels.mail)]),) if hidden and bubble.keep else ()
        found += [Message(text=text, rows=mail) for text in texts[:-1]]
        rows = tuple(controls(bubble, seal, labels, hidden=hidden))
        found.append(Message(text=texts[-1], rows=(*rows, *mail)[:ROWS], files=bubble.files))
    return tuple(found)


def calls(how: How, shown: Sequence[Message], *, left: tuple[Json, ...] = (), deferred: bool = False) -> tuple[Call, ...]:
    """Which calls show these messages."""
    if how is How.KEPT:
        shown = (Message(text=None, rows=left), *shown)
    first = Verb.COMPLETE if deferred else Verb.RESPOND if how is How.NEW else Verb.UPDATE
    return tuple(Call(verb=Verb.FOLLOW if at else first, message=message) for at, message in enumerate(shown))


def stranger(text: str, label: str, token: str) -> Message:
    """What somebody sees who pressed what is not theirs, with the way to their own conversation."""
    return Message(text=written(text, STYLE), rows=(_row([_button(token, label, _PRIMARY)]),))


def form(token: str, title: str, label: str) -> Json:
    """A modal with one field to type into. Discord gives its words back under the token."""
    field = {"type": _TEXT_INPUT, "custom_id": "words", "style": _PARAGRAPH, "max_length": LONGEST_WORDS, "required": False}
    return {
        "custom_id": PREFIX + token,
        "title": fit.label(title, LONGEST_TITLE),
        "components": [{"type": _LABEL, "label": fit.label(label, LONGEST_TITLE), "component": field}],
    }


def note(text: str) -> Message:
    """A line without controls."""
    return Message(text=written(text, STYLE))


def joined(bubbles: Iterable[Bubble]) -> Iterator[Bubble]:
    """The same in as few messages as hold them: what is worth keeping apart from what the next question may replace."""
    before: Bubble | None = None
    for bubble in bubbles:
        if before is not None and before.keep == bubble.keep:
            text = f"{before.text}\n\n{bubble.text}"
            if len(pieces(text)) == 1:
                before = replace(bubble, text=text)
                continue
        if before is not None:
            yield before
        before = bubble
    if before is not None:
        yield before


def pieces(text: str) -> list[str]:
    """The text as Discord is sent it, in pieces that it takes."""
    whole = written(text, STYLE)
    if len(whole) * 2 <= LONGEST or _size(whole) <= LONGEST:
        return [whole] if whole else []
    return [written(piece, STYLE) for piece in fit.pieces(text, LONGEST, size=lambda part: _size(written(part, STYLE)))]


def controls(bubble: Bubble, seal: Seal, labels: Labels, *, hidden: bool) -> Iterator[Json]:
    """The rows below a bubble: choices, then what works everywhere. Never more than Discord takes."""
    if not bubble.choices and not bubble.nav:
        return
    nav = [_button(seal(b.key), b.label, _SUCCESS if b.key == ":done" else _SECONDARY) for b in bubble.nav]
    if hidden:
        write = _button(seal(f"{TYPE}.{labels.language}"), labels.write, _PRIMARY if bubble.writes else _SECONDARY)
        nav.insert(0 if bubble.writes else len(nav), write)
    below = [_row(share) for share in fit.shares(nav, IN_ROW)]
    room = ROWS - len(below) - (hidden and bubble.keep)
    yield from _choices(bubble, seal, labels, room)
    yield from below


def _choices(bubble: Bubble, seal: Seal, labels: Labels, room: int) -> Iterator[Json]:
    if bubble.several and bubble.choices:
        yield from _selects(bubble, seal, TICKS, labels.pick, room)
        return
    for width in ROOMS:
        rows = fit.rows(bubble.choices, lambda b: len(b.label), room=width, most=IN_ROW)
        if len(rows) <= room:
            yield from (_row([_button(seal(b.key), b.label, _PRIMARY) for b in row]) for row in rows)
            return
    yield from _selects(bubble, seal, ONE, labels.choose, room)


def _selects(bubble: Bubble, seal: Seal, key: str, placeholder: str, room: int) -> Iterator[Json]:
    for number, share in enumerate(fit.shares(bubble.choices, IN_SELECT)[:room]):
        ticks = key == TICKS
        select = {
            "type": _SELECT,
            "custom_id": PREFIX + seal(f"{key}{number}"),
            "placeholder": fit.label(placeholder, LONGEST_PLACEHOLDER),
            "min_values": 0 if ticks else 1,
            "max_values": len(share) if ticks else 1,
            "options": [_option(bubble, seal, choice) for choice in share],
        }
        yield _row([select])


def _option(bubble: Bubble, seal: Seal, choice: Button) -> Json:
    option = {"label": fit.label(choice.label, LONGEST_OPTION), "value": PREFIX + seal(choice.key)}
    return {**option, "default": True} if choice.picked and bubble.several else option


def _button(token: str, label: str, style: int = _SECONDARY) -> Json:
    # Measuring takes longer than all the rest, and hardly any label comes near.
    shown = label if len(label) * 2 <= LONGEST_LABEL else fit.label(label, LONGEST_LABEL)
    return {"type": _BUTTON, "style": style, "label": shown, "custom_id": PREFIX + token}


def _row(controls: Sequence[Json]) -> Json:
    return {"type": _ROW, "components": list(controls)}


def _size(text: str) -> int:
    return fit.utf16(text)
