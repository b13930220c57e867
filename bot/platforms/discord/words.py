"""The adapter's own words, in each language: labels of its own controls, and what it says outside of any conversation. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.content.library import Library
from bot.content.render import Bubble

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
_SOS = ":sos"


@dataclass(frozen=True, kw_only=True, slots=True)
class Labels:
    """What stands on the adapter's own controls, in one language."""

    write: str
    pick: str
    choose: str
    mail: str


class Words:
    """The words of a library."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._labels = {language: self._read(language) for language in library.languages}
        self._marks = {library.text(language, "nav.sos.label"): language for language in reversed(library.languages)}

    def labels(self, bubbles: Sequence[Bubble], hint: str | None) -> Labels:
        """The labels in the language of this reply. That may be another than the app's: people can choose."""
        sos = next((button.label for bubble in bubbles for button in bubble.nav if button.key == _SOS), "")
        return self._labels[self._marks.get(sos) or self.language(hint)]

    def text(self, hint: str | None, key: str) -> str:
        """One of KEYS, or other words of the core."""
        return self._library.text(self.language(hint), key)

    def language(self, hint: str | None) -> str:
        """The language to speak to somebody whose app has this locale."""
        return self._library.spoken(hint) or self._library.languages[0]

    def _read(self, language: str) -> Labels:
        return Labels(
            write=self._library.text(language, "discord.write.button"),
            pick=self._library.text(language, "discord.pick"),
            choose=self._library.text(language, "discord.choose"),
            mail=self._library.text(language, "discord.mail.button"),
        )
