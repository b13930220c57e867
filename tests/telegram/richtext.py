"""Telegram's HTML by Telegram's rules (https://core.telegram.org/bots/api#html-style): its text and entities, or what is wrong.

Stricter than the real thing where that forgives in silence: a style or a link that would be dropped is a mistake here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

KINDS: Mapping[str, str] = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
NAMED: Mapping[str, str] = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_TAG = r"""<(?P<end>/?)(?P<name>[A-Za-z][\w-]*)(?P<attributes>(?:\s+[\w-]+(?:=(?:"[^"<]*"|'[^'<]*'|[\w.-]+))?)*)\s*>"""
_PIECE = re.compile(
    rf"(?P<text>[^<>&]+)|(?P<tag>{_TAG})|&(?P<reference>lt|gt|amp|quot|\#\d{{1,7}}|\#x[0-9A-Fa-f]{{1,6}});|(?P<stray>[<>&])",
    re.DOTALL,
)
_REFERENCE = re.compile(r"&(lt|gt|amp|quot|#\d{1,7}|#x[0-9A-Fa-f]{1,6});")
_ATTRIBUTE = re.compile(r"""([\w-]+)(?:=(?:"([^"]*)"|'([^']*)'|([\w.-]+)))?""")


class Unparsable(ValueError):
    """Why Telegram would refuse the text, in its own words where they are known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rich:
    """What a person sees: the text, and where its styles and links are, in UTF-16 units."""

    text: str = ""
    entities: tuple[dict[str, Any], ...] = ()


def units(text: str) -> int:
    """The length in UTF-16 units, as Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def link_fault(url: str) -> str | None:
    """Why Telegram would take this for no link; None where it is one."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "Wrong HTTP URL"
    if parts.scheme not in {"http", "https", "tg"}:
        return "Unsupported URL protocol"
    wrong = re.search(r"\s", url) or not host or (parts.scheme != "tg" and "." not in host.strip("."))
    return "Wrong HTTP URL" if wrong else None


@lru_cache(maxsize=512)
def read(source: str) -> Rich:
    """The text as it would be shown, without white space around it. Raises Unparsable."""
    return trimmed(_Reader(source=source).read())


def trimmed(rich: Rich) -> Rich:
    """Without white space at the end, and at the beginning as far as no entity has begun."""
    first = min((entity["offset"] for entity in rich.entities), default=len(rich.text))
    spaces = len(rich.text) - len(rich.text.lstrip())
    cut = min(spaces, first)
    text = rich.text[cut:].rstrip()
    size = units(text)
    moved = ({**entity, "offset": entity["offset"] - cut} for entity in rich.entities)
    clipped = ({**entity, "length": min(entity["length"], size - entity["offset"])} for entity in moved)
    return Rich(text=text, entities=tuple(entity for entity in clipped if entity["length"] > 0))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Open:
    name: str
    attributes: Mapping[str, str]
    offset: int


@dataclass(kw_only=True, slots=True)
class _Reader:
    source: str
    at: int = 0
    size: int = 0
    parts: list[str] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)

    def read(self) -> Rich:
        for match in _PIECE.finditer(self.source):
            self.at = match.start()
            if text := match["text"]:
                self._add(text)
            elif match["reference"]:
                self._add(self._character(match["reference"]))
            elif match["stray"]:
                self._stray(match["stray"])
            elif match["end"]:
                self._closed(match["name"].lower())
            else:
                self._opened(match["name"].lower(), match["attributes"])
        if self.open:
            raise Unparsable(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        entities = sorted(self.entities, key=lambda entity: (entity["offset"], -entity["length"]))
        return Rich(text="".join(self.parts), entities=tuple(entities))

    def _add(self, text: str) -> None:
        self.parts.append(text)
        self.size += units(text)

    def _character(self, reference: str) -> str:
        if reference in NAMED:
            return NAMED[reference]
        number = int(reference[2:], 16) if reference[1] == "x" else int(reference[1:])
        if not 0 < number < 0x10FFFF or 0xD800 <= number < 0xE000:
            self._fail("Wrong character reference")
        return chr(number)

    def _stray(self, char: str) -> None:
        if char != "<":
            self._fail(f"Character '{char}' must be escaped")
        named = re.match(r"</?([^\s>]*)[^>]*>", self.source[self.at :])
        self._fail(f'Unsupported start tag "{named[1]}"' if named else "Unclosed start tag")

    def _fail(self, what: str) -> None:
        raise Unparsable(f"{what} at byte offset {len(self.source[: self.at].encode('utf-8', 'surrogatepass'))}")

    def _opened(self, name: str, written: str) -> None:
        if name not in KINDS:
            self._fail(f'Unsupported start tag "{name}"')
        attributes = {
            match[1].lower(): _REFERENCE.sub(lambda m: self._character(m[1]), match[2] or match[3] or match[4] or "")
            for match in _ATTRIBUTE.finditer(written)
        }
        for fault in (*_attribute_faults(name, attributes), *_nesting_faults(name, [each.name for each in self.open])):
            self._fail(fault)
        self.open.append(_Open(name=name, attributes=attributes, offset=self.size))

    def _closed(self, name: str) -> None:
        if not self.open:
            self._fail("Unexpected end tag")
        begun = self.open.pop()
        if begun.name != name:
            self._fail(f'Unmatched end tag: expected "</{begun.name}>", found "</{name}>"')
        # A code in a pre says its language and is no entity of its own.
        if self.size > begun.offset and [each.name for each in self.open][-1:] != ["pre"]:
            entity = {"type": KINDS[name], "offset": begun.offset, "length": self.size - begun.offset}
            self.entities.append(entity | _TELLS.get(name, lambda attributes: {})(begun.attributes))


_TELLS: Mapping[str, Callable[[Mapping[str, str]], dict[str, str]]] = {
    "a": lambda attributes: {"url": attributes["href"]},
    "tg-emoji": lambda attributes: {"custom_emoji_id": attributes["emoji-id"]},
    "blockquote": lambda attributes: {"type": "expandable_blockquote"} if "expandable" in attributes else {},
}
# Which attributes a tag takes, and what is wrong with a value; those with True must be there.
_TAKES: Mapping[str, Mapping[str, tuple[bool, Callable[[str], str | None]]]] = {
    "a": {"href": (True, link_fault)},
    "span": {"class": (True, lambda value: None if value == "tg-spoiler" else "must be tg-spoiler")},
    "code": {"class": (False, lambda value: None if value.startswith("language-") else "must name a language")},
    "blockquote": {"expandable": (False, lambda value: None)},
    "tg-emoji": {"emoji-id": (True, lambda value: None if value.isdigit() else "must be a number")},
}
# "pre and code entities can't contain any other entities", "can be part of any other entities, except pre and code".
_BARE = {"code", "pre"}


def _attribute_faults(name: str, attributes: Mapping[str, str]) -> list[str]:
    takes = _TAKES.get(name, {})
    faults = [f'Tag "{name}" takes no such attribute' for attribute in attributes if attribute not in takes]
    for attribute, (required, fault) in takes.items():
        if attribute not in attributes:
            faults += [f'Tag "{name}" must have {attribute}'] if required else []
        elif what := fault(attributes[attribute]):
            faults.append(f'Tag "{name}", {attribute}: {what}')
    return faults


def _nesting_faults(name: str, around: list[str]) -> list[str]:
    within = set(around)
    if name == "code" and around[-1:] == ["pre"]:
        within -= {"pre"}
    if within & _BARE or (name in _BARE and within - {"blockquote"}):
        return ["Entities in or around pre and code"]
    return [f'Tag "{name}" in another'] if name in {"a", "blockquote"} & within else []
