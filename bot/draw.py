"""The dialogs as Mermaid drawings, made from the tables themselves so that they cannot drift."""

from __future__ import annotations

from collections.abc import Iterator

from bot.conversation.book import Book
from bot.conversation.dialog import END, Branch, Dialog, One, Read, Several, Step, Tell, Write, targets

_SHAPES: dict[type[Step], tuple[str, str]] = {
    One: ("[", "]"),
    Several: ("[[", "]]"),
    Write: ("[/", "/]"),
    Read: ("[/", "/]"),
    Tell: (">", "]"),
    Branch: ("{", "}"),
}
_HEAD = """\
# The dialogs

Drawn by `closer draw` from the tables in `bot/handlers/`; do not edit by hand.
A box asks for one choice, a double box for several, a slanted one for words; a flag speaks and goes on; a diamond decides.
`back`, `skip`, `stop`, `help` and "Get help now" work at every step and are not drawn.
"""


def drawings(book: Book) -> str:
    """Every dialog as a section of Markdown with one Mermaid flowchart."""
    parts = [_HEAD]
    for dialog in book.dialogs.values():
        lines = "\n".join(f"    {line}" for line in _lines(dialog))
        parts.append(f"\n## {dialog.name}\n\n```mermaid\nflowchart TD\n{lines}\n```\n")
    commands = "\n".join(f"| `/{command.name}` | `{command.to}` |" for command in book.commands.values())
    parts.append(f"\n## Commands\n\n| command | opens |\n|---|---|\n{commands}\n")
    return "".join(parts)


def _lines(dialog: Dialog) -> Iterator[str]:
    for step in dialog.table:
        left, right = _SHAPES[type(step)]
        yield f'{step.name}{left}"{step.name}"{right}'
    for step in dialog.table:
        for target in dict.fromkeys(targets(step)):
            yield f"{step.name} --> {_node(target)}"


def _node(target: str) -> str:
    if target == END:
        return "done((end))"
    if "/" in target:
        return f'{target.replace("/", "__")}(["{target}"])'
    return target
