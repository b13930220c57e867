"""Every word in every language, by key. A language counts as spoken when its core words and its pack's words are there.

What a pack has besides, in folders of its own (nudges, therapy), is read when first asked for: most conversations never do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.content.loader import ContentError, Entry, WordFile, line_of, read_words, read_yaml, word_paths

DEFAULT = "en"


class Library:
    """Words by language and key. To its users it never changes; `later` are files with their prefixes, read when needed."""

    def __init__(
        self,
        files: Iterable[WordFile],
        foreign: Mapping[str, str] | None = None,
        later: Iterable[tuple[Path, str]] = (),
    ) -> None:
        self._read = list(files)
        self._later: dict[str, list[Path]] = {}
        for path, prefix in later:
            self._later.setdefault(prefix, []).append(path)
        words: dict[str, dict[str, Entry]] = {}
        for file in self._read:
            _add(file, words.setdefault(file.language, {}))
        if DEFAULT not in words:
            raise ContentError(f"no words for '{DEFAULT}' were found; restore core/{DEFAULT}.yaml")
        for mine in words.values():
            mine.update({f"foreign.{code}": sentence for code, sentence in (foreign or {}).items()})
        names = {f"languages.{code}": mine["language.name"] for code, mine in words.items() if "language.name" in mine}
        for mine in words.values():
            mine.update(names)
        self._words = words
        self.languages = (DEFAULT, *sorted(words.keys() - {DEFAULT}))

    @property
    def files(self) -> tuple[WordFile, ...]:
        """Every file of words. Raises ContentError."""
        self._seek()
        return tuple(self._read)

    def entry(self, language: str, key: str) -> Entry:
        """The words at `key`; those of the default language where this one has none. Raises ContentError."""
        try:
            return self._words[language][key]
        except KeyError:
            self._seek(key)
            found = self._words.get(language, {}).get(key) or self._words[DEFAULT].get(key)
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
        self._seek(key)
        entry = self._words.get(language, {}).get(key)
        return entry if isinstance(entry, tuple) else (entry,) if isinstance(entry, str) else ()

    def keys(self, language: str) -> frozenset[str]:
        """All keys of a language. Raises ContentError."""
        self._seek()
        return frozenset(self._words[language])

    def waits(self, key: str) -> bool:
        """Whether the words at this key are read when first asked for."""
        return key.startswith(tuple(self._later))

    def spoken(self, hint: str | None) -> str | None:
        """The spoken language that a client's language tag (`en-GB`) asks for, or None."""
        if not hint:
            return None
        base = hint.replace("_", "-").partition("-")[0].lower()
        return base if base in self._words else None

    def _seek(self, key: str | None = None) -> None:
        """Read the files that may hold this key (None: all files), where they have not been read."""
        for prefix in tuple(self._later):
            if key is None or key.startswith(prefix):
                for path in self._later.pop(prefix):
                    file = read_words(path, prefix)
                    _add(file, self._words[file.language])
                    self._read.append(file)

    def _file_for(self, key: str) -> str:
        for file in self.files:
            if file.language == DEFAULT and any(k.partition(".")[0] == key.partition(".")[0] for k in file.entries):
                return str(file.path)
        return f"core/{DEFAULT}.yaml"


def load(root: Path) -> Library:
    """The library of a content folder. Raises ContentError."""
    places = list(word_paths(root))
    core = {path.stem for path, prefix in places if not prefix}
    for path, _ in places:
        if path.stem not in core:
            raise ContentError(f"{path}: there is no core/{path.stem}.yaml; a language needs both")
    foreign = read_yaml(root / "foreign.yaml")
    return Library(
        [read_words(path, prefix) for path, prefix in places if prefix.count(".") < 2],
        {code: " ".join(row["help"].split()) for code, row in foreign["languages"].items()},
        later=[(path, prefix) for path, prefix in places if prefix.count(".") == 2],
    )


def _add(file: WordFile, words: dict[str, Entry]) -> None:
    twice = words.keys() & file.entries.keys()
    if twice:
        line = line_of(file.path, tuple(min(twice).removeprefix(file.prefix).split(".")))
        raise ContentError(f"{file.path}:{line}: '{min(twice)}' is defined in another file too; keep it in one of them")
    words.update(file.entries)
