"""Which keys must have words, as far as the tables alone can tell. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.content.instruments import CHANGES
from bot.content.library import Library
from bot.content.model import Pack
from bot.conversation.advance import NAV
from bot.conversation.book import Book

# What is said outside of any conversation.
PLATFORMS = (
    *("telegram.description", "telegram.short_description", "telegram.group.text", "telegram.group.button"),
    *("discord.write.button", "discord.write.title", "discord.write.label", "discord.pick", "discord.choose"),
    *("discord.mail.button", "discord.mail.sent", "discord.mail.failed"),
    *("privacy.web.chat", "privacy.web.operator", "privacy.web.contact"),
    *("discord.stranger.text", "discord.stranger.button", "discord.install"),
    *(f"nudging.letter.{name}" for name in ("slow", "later", "care", "resting")),
    *(f"nudging.letter.buttons.{name}" for name in ("open", "care", "wake", "stop")),
)


def by_structure(pack: Pack) -> Iterator[str]:
    """Every key for which a pack's structure promises words."""
    for page in ("what", "health", "takeaway", "limits"):
        yield f"{pack.name}.intro.{page}.text"
    for need in pack.needs:
        base = f"{pack.name}.needs.{need.id}"
        yield from (f"{base}.{part}" for part in ("name", "about", "maybe"))
        for screen in need.pages:
            yield from (f"{base}.pages.{name}.text" for name in (screen.id, screen.apart) if name)
        for step in need.steps:
            yield from (f"{base}.steps.{step.id}.text", f"{base}.steps.{step.id}.short")
    for question in pack.questions:
        base = f"{pack.name}.questions.{question.id}"
        yield from (f"{base}.text", f"{base}.name")
        for choice in question.choices:
            yield f"{base}.options.{choice.id}"
            if choice.reply:
                yield f"{base}.reply.{choice.id}"
            if choice.weights:
                yield f"{base}.said.{choice.id}"


def by_tables(book: Book) -> Iterator[str]:
    """Every key that the dialogs' tables name outright: fixed texts, fixed choices, commands, words that work everywhere."""
    for dialog in book.dialogs.values():
        yield from (shown.label.key for options in dialog.shown.values() for shown in options)
        yield from (f"{step.words}.text" for step in dialog.table if step.says is None and step.words)
    yield from (f"commands.{name}" for name in book.commands)
    yield from (f"nav.{key[1:]}.label" for key in NAV)
    # Which of them is said depends on sums that few walks come to.
    yield from (f"checkin.done.{name}" for name in CHANGES)


def require(book: Book, library: Library, pack: Pack) -> None:
    """See that the default language has all of these, but for those read later. Raises ContentError naming file and key."""
    for key in (*by_tables(book), *by_structure(pack), *PLATFORMS):
        if not library.waits(key):
            library.entry(library.languages[0], key)
