"""The content's small Markdown, read once for every platform: bold, italic, links, and escaped characters. Pure.

`**bold**`, `_italic_` between non-letters, `[label](address)`, and a backslash before a character that is only itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_MARKUP = re.compile(
    r"\\(?P<char>[\\*_\[\]()`~<>])"
    r"|\[(?P<label>[^\]]*)\]\((?P<address>[^)\s]*)\)"
    r"|\*\*(?P<bold>.+?)(?<!\\)\*\*"
    r"|(?<!\w)_(?P<soft>.+?)(?<!\\)_(?!\w)",
    re.DOTALL,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """How one platform writes each part. `bold`, `soft` and `link` are given what is inside them as it is already written."""

    text: Callable[[str], str]
    bold: Callable[[str], str]
    soft: Callable[[str], str]
    link: Callable[[str, str], str]


# Without any markup.
PLAIN = Style(text=str, bold=str, soft=str, link=lambda inside, address: f"{inside} ({address})")


def written(text: str, style: Style) -> str:
    """The text in this style: what is open inside something is closed inside it, whatever the text."""
    parts: list[str] = []
    end = 0
    for match in _MARKUP.finditer(text):
        if match.start() > end:
            parts.append(style.text(text[end : match.start()]))
        parts.append(_part(match, style))
        end = match.end()
    if end < len(text):
        parts.append(style.text(text[end:]))
    return "".join(parts)


def _part(match: re.Match[str], style: Style) -> str:
    char, label, bold, soft = match.group("char", "label", "bold", "soft")
    if char is not None:
        return style.text(char)
    if bold is not None:
        return style.bold(written(bold, style))
    if soft is not None:
        return style.soft(written(soft, style))
    return style.link(written(label, style), match["address"])
