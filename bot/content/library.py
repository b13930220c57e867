"""Every word in every language, by key. A language counts as spoken when its core words and its pack's words are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.content.loader import ContentError, Entry, WordFile, line_of, read_words, read_yaml, word_paths

DEFAULT = "en"


class Library:
    """Words by language and key. Immutable once built."""

    def __init__(self, files: Iterable[WordFile], foreign: Mapping[str, str] | None = None) -> None:
        self.files = tuple(files)
        words: dict[str, dict[str, Entry]] = {}
        for file in self.files:
            mine = words.setdefault(file.language, {})
            twice = mine.keys() & file.entries.keys()
            if twice:
                line = line_of(file.path, tuple(min(twice).removeprefix(file.prefix).split(".")))
                raise ContentError(f"{file.path}:{line}: '{min(twice)}' is defined in another file too; keep it in one of them")
            mine.update(file.entries)
        if DEFAULT not in words:
            raise ContentError(f"no words for '{DEFAULT}' were found; restore core/{DEFAULT}.yaml")
        for mine in words.values():
            mine.update({f"foreign.{code}": sentence for code, sentence in (foreign or {}).items()})
        names = {f"languages.{code}": mine["language.name"] for code, mine in words.items() if "language.name" in mine}
        for mine in words.values():
            mine.update(names)
        self._words = words
        self.languages = (DEFAULT, *sorted(words.keys() - {DEFAULT}))

    def entry(self, language: str, key: str) -> Entry:
        """The words at `key`; those of the default language where this one has none. Raises ContentError."""
        try:
            return self._words[language][key]
        except KeyError:
            found = self._words[DEFAULT].get(key)
        if found is None:
            raise ContentError(f"no words at '{key}' in '{language}' or '{DEFAULT}'; add them to {self._file_for(key)}")
        return found

    def text(self, language: str, key: str) -> str:
        """A single text. Raises ContentError for a list or plural forms."""
        entry = self.entry(language, key)
        if not isinstance(entry, str):
            raise ContentError(f"'{key}' is a single text in code; write it as one in {self._file_for(key)}")
        return entry

    def phrases(self, language: str, key: str) -> tuple[str, ...]:
        """A list of phrases; nothing where there is none."""
        entry = self._words.get(language, {}).get(key)
        return entry if isinstance(entry, tuple) else (entry,) if isinstance(entry, str) else ()

    def keys(self, language: str) -> frozenset[str]:
        """All keys of a language."""
        return frozenset(self._words[language])

    def spoken(self, hint: str | None) -> str | None:
        """The spoken language that a client's language tag (`en-GB`) asks for, or None."""
        if not hint:
            return None
        base = hint.replace("_", "-").partition("-")[0].lower()
        return base if base in self._words else None

    def _file_for(self, key: str) -> str:
        for file in self.files:
            if file.language == DEFAULT and any(k.partition(".")[0] == key.partition(".")[0] for k in file.entries):
                return str(file.path)
        return f"core/{DEFAULT}.yaml"


def load(root: Path) -> Library:
    """The library of a content folder. Raises ContentError."""
    files = [read_words(path, prefix) for path, prefix in word_paths(root)]
    core = {file.language for file in files if file.path.parent.name == "core"}
    for file in files:
        if file.language not in core:
            raise ContentError(f"{file.path}: there is no core/{file.language}.yaml; a language needs both")
    foreign = read_yaml(root / "foreign.yaml")
    return Library(files, {code: " ".join(row["help"].split()) for code, row in foreign["languages"].items()})
