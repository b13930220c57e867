"""The adapter's own words, in each language: labels of its own controls, and what it says outside of any conversation. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.content.library import Library

KEYS = (
    "discord.write.button",
    "discord.write.title",
    "discord.write.label",
    "discord.pick",
    "discord.choose",
    "discord.mail.button",
    "discord.mail.sent",
    "discord.mail.failed",
    "discord.stranger.text",
    "discord.stranger.button",
    "discord.install",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Labels:
    """What stands on the adapter's own controls, in one language."""

    language: str
    write: str
    pick: str
    choose: str
    mail: str


class Words:
    """The words of a library."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._labels = {language: self._read(language) for language in library.languages}

    def labels(self, language: str | None) -> Labels:
        """The labels that go with a reply in this language."""
        return self._labels[language if language in self._labels else self._library.languages[0]]

    def text(self, hint: str | None, key: str) -> str:
        """One of KEYS, or other words of the core."""
        return self._library.text(self.language(hint), key)

    def language(self, hint: str | None) -> str:
        """The language to speak to somebody whose app has this locale."""
        return self._library.spoken(hint) or self._library.languages[0]

    def _read(self, language: str) -> Labels:
        return Labels(
            language=language,
            write=self._library.text(language, "discord.write.button"),
            pick=self._library.text(language, "discord.pick"),
            choose=self._library.text(language, "discord.choose"),
            mail=self._library.text(language, "discord.mail.button"),
        )
