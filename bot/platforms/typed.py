"""What typed words are on every platform: a command where they begin with a slash, words otherwise. Pure."""

from __future__ import annotations

from bot.conversation.events import Called, Event, Typed


def said(name: str, language: str | None, text: str, turn: int | None = None) -> Event:
    """The event that this text is; `name` is its id. `turn`: see `Typed`."""
    if text.startswith("/") and len(text) > 1 and not text[1].isspace():
        return Called(id=name, language=language, command=text[1:].split(maxsplit=1)[0].casefold())
    return Typed(id=name, language=language, text=text, turn=turn)
