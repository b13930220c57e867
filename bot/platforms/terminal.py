"""The terminal as a platform: one line in, one turn out. Coloured and numbered on a screen, plain text when piped."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
import secrets
import shutil
import sys
import textwrap
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from bot.content.markup import PLAIN, written
from bot.content.render import Bubble, Button, File, plain
from bot.conversation.events import Event, Opened
from bot.platforms.core import TakeTurn
from bot.platforms.typed import said
from bot.ports import Address

WIDEST = 88
# So many files of one name may stand beside each other.
MOST_FILES = 1_000

_COLOURED = replace(PLAIN, bold=lambda inside: f"\x1b[1m{inside}\x1b[22m", soft=lambda inside: f"\x1b[3m{inside}\x1b[23m")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def event_of(line: str, language: str | None) -> Event:
    """What a typed line means. Every line is an event of its own, so its id is new."""
    name = secrets.token_hex(6)
    text = _CONTROL.sub("", line).strip()
    return said(name, language, text)


def shown(bubbles: Sequence[Bubble], *, colour: bool, width: int = 0) -> str:
    """The bubbles as text: numbered choices below, then the words that work everywhere. `width` 0 leaves lines whole."""
    parts: list[str] = []
    for bubble in bubbles:
        text = _wrapped(bubble.text, width)
        parts.append(_styled(text) if colour else plain(text))
        if bubble.choices:
            parts.append("\n".join(_choice(n, b, bubble.several) for n, b in enumerate(bubble.choices, 1)))
        if bubble.nav:
            footer = " · ".join(button.label for button in bubble.nav)
            parts.append(f"\x1b[2m{footer}\x1b[0m" if colour else footer)
    return "\n\n".join(parts)


def _wrapped(text: str, width: int) -> str:
    if not width:
        return text
    room = max(30, min(width, WIDEST))
    return "\n".join(textwrap.fill(line, room, break_long_words=False, break_on_hyphens=False) for line in text.split("\n"))


class Terminal:
    """A conversation on standard input and output. `begun` is awaited while the person reads the first words."""

    def __init__(
        self, source: TextIO, sink: TextIO, *, folder: Path, begun: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(0)
    ) -> None:
        self.source, self.sink, self.folder, self.begun = source, sink, folder, begun
        self.screen = source.isatty() and sink.isatty()
        self.colour = self.screen and "NO_COLOR" not in os.environ

    async def run(self, address: Address, language: str | None, turn: TakeTurn) -> None:
        """Open the conversation, then answer each line until the input ends."""
        lines: asyncio.Queue[str | None] = asyncio.Queue()
        await self.deliver(address, await turn(address, Opened(id=secrets.token_hex(6), language=language)))
        # A thread of our own, which nobody waits for: Ctrl+C ends the program while it still waits for a line.
        loop = asyncio.get_running_loop()
        threading.Thread(target=_read_lines, args=(self.source.fileno(), loop, lines), daemon=True).start()
        await self.begun()
        while (line := await lines.get()) is not None:
            await self.deliver(address, await turn(address, event_of(line, language)))

    async def deliver(self, address: Address, bubbles: Sequence[Bubble]) -> None:
        """Print a turn."""
        width = shutil.get_terminal_size().columns if self.screen else 0
        text = shown(bubbles, colour=self.colour, width=width)
        saved = [line for bubble in bubbles for file in bubble.files for line in self._given(file)]
        self.sink.write("\n".join((text, *saved)) + ("\n\n> " if self.screen else "\n\n"))
        self.sink.flush()

    def _given(self, file: File) -> Sequence[str]:
        """Where a file is, and what is on it where it is a picture."""
        where = self._save(file.name, file.data)
        return (where, f"  {file.alt}") if file.alt else (where,)

    def _save(self, name: str, data: bytes) -> str:
        """Write a file that only its owner can read, beside whatever has its name; say where it is."""
        stem, dot, kind = name.rpartition(".")
        for path in (self.folder / name, *(self.folder / f"{stem}-{number}{dot}{kind}" for number in range(2, MOST_FILES))):
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
            except FileExistsError:
                continue
            except OSError as error:
                return f"! {path}: {error.strerror}"
            return f"→ {path}"
        return f"! {self.folder / name}: {os.strerror(errno.EEXIST)}"


def _read_lines(descriptor: int, loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[str | None]) -> None:
    """Hand over each line as it comes, then None. Reads the descriptor itself, so that no lock outlives the program."""
    rest = b""
    with contextlib.suppress(RuntimeError):  # the loop was closed in the meantime
        while chunk := os.read(descriptor, 65_536):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                loop.call_soon_threadsafe(lines.put_nowait, line.decode("utf-8", "replace"))
        if rest:
            loop.call_soon_threadsafe(lines.put_nowait, rest.decode("utf-8", "replace"))
        loop.call_soon_threadsafe(lines.put_nowait, None)


def open_streams() -> tuple[TextIO, TextIO]:
    """Standard input and output, neither of which fails on a byte or a character that it cannot tell."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    return sys.stdin, sys.stdout


def _choice(number: int, button: Button, several: bool) -> str:
    tick = ("[x] " if button.picked else "[ ] ") if several else ""
    return f"  {number}) {tick}{button.label}"


def _styled(text: str) -> str:
    return written(text, _COLOURED)
