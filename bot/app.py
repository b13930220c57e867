"""The composition root: the only file that knows everyone. Nothing is built on import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.content.library import Library, load
from bot.content.loader import ContentError, read_pack, read_yaml
from bot.content.model import Pack
from bot.content.needed import require
from bot.conversation.book import Book
from bot.handlers import book
from bot.memory import Memory
from bot.ports import Store
from bot.reading import Reader
from bot.runtime import Parts, Runtime
from bot.settings import Settings
from bot.understanding import crisis
from bot.understanding.foreign import foreign_words

PACK = "intimacy"


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """A content folder, read and put together."""

    book: Book
    library: Library
    pack: Pack
    reader: Reader


def content(root: Path) -> Content:
    """Dialogs, words and the reader of a content folder. Raises ContentError or BrokenDialog."""
    if not root.is_dir():
        raise ContentError(f"{root}: no such folder; set CONTENT_DIR to a folder with core/ and packs/, or leave it out")
    library = load(root)
    pack = read_pack(root / "packs" / PACK)
    foreign = foreign_words(read_yaml(root / "foreign.yaml"))
    return Content(book=book(pack, library.languages), library=library, pack=pack, reader=Reader(library, foreign))


async def open_the_store(settings: Settings) -> Store:
    """The store that the settings name. Raises StoreError with the remedy."""
    from storage.keys import KeySource  # noqa: PLC0415  # the driver and cryptography: `check` and `draw` do without
    from storage.store import open_store  # noqa: PLC0415

    secret = settings.closer_key.get_secret_value() if settings.closer_key else None
    keys = KeySource(value=secret, file=settings.key_file())
    return await open_store(settings.url(), keys)


async def build(settings: Settings, clock: Callable[[], datetime] | None = None) -> Runtime:
    """A runtime, ready for turns. Raises ContentError, BrokenDialog or StoreError."""
    clock = clock or (lambda: datetime.now(UTC))
    parts = content(settings.content_dir)
    require(parts.book, parts.library, parts.pack)
    for language in parts.library.languages:
        crisis.warm(language)
    store = await open_the_store(settings)
    memory = Memory(hours=settings.session_hours, most=settings.memory_sessions)
    return Runtime(
        Parts(
            book=parts.book,
            library=parts.library,
            reader=parts.reader,
            store=store,
            memory=memory,
            cached=settings.cached_sessions,
            clock=clock,
        )
    )
