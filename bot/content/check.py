"""What `closer check` checks: dialogs and words whole, plain and short, and every fact beside its words.

Returns problems as lines that name file, line and remedy; an empty list means that everything is in order.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from bot.content import nudge_check, therapy_check
from bot.content.crawl import Seen, crawl
from bot.content.grade import WORDS, grade, words_in
from bot.content.helplines import FILE, load
from bot.content.library import DEFAULT, Library
from bot.content.loader import ContentError, Entry, Plural, WordFile, line_of, texts, twice
from bot.content.model import Pack
from bot.content.needed import by_structure, by_tables
from bot.content.render import LONGEST, plain, speak
from bot.content.therapy import PART
from bot.conversation.book import Book
from bot.conversation.replies import Say
from bot.understanding import crisis

HARDEST = 8.0
LABEL = 80
VARIANTS = 3
# Words that code asks for outside of the dialogs: reading, the menu of commands, trouble with the store.
OUTSIDE = (
    *("reading.", "telegram.", "discord.", "nav.", "commands.", "language.name", "help.language.", "lines.trouble"),
    # Said on a page for browsers.
    "privacy.web.",
    # Said only once there are helplines that somebody confirmed.
    *("safety.country.", "safety.numbers."),
    # Said by what is sent unasked.
    "nudging.letter.",
)
RECURRING = ("lines.", "why.bye")
# Names and titles of works are quoted as they are.
CITED = "help.sources.row"


def check(root: Path, book: Book, library: Library, pack: Pack, today: date | None = None) -> list[str]:
    """Every problem found in this content folder, ordered by file; what goes out of date is looked at if `today` is given."""
    seen = crawl(book)
    guide = root / "packs" / pack.name / PART
    needed = seen.keys.keys() | set(by_structure(pack)) | set(by_tables(book)) | set(therapy_check.needed(guide, pack))
    problems = [
        *nudge_check.check(root / "packs" / pack.name / "nudges", pack),
        *therapy_check.check(guide, pack),
        *_missing(library, needed),
        *_unused(library, needed, (*OUTSIDE, f"{pack.name}.nudges.")),
        *_drift(library, seen),
        *_variants(library),
        *_lengths(library, seen),
        *_grades(library, seen),
        *_facts(library, pack),
        *_screens(book, seen),
        *_helplines(root),
        *(outdated(library.languages, today) if today else ()),
        *(
            f"{_short(f.path)}:{line}: '{key}' stands here again; keep one"
            for f in library.files
            for line, key in twice(f.path)
        ),
    ]
    return sorted(set(problems))


def _missing(library: Library, needed: Iterable[str]) -> Iterator[str]:
    english = [file for file in library.files if file.language == DEFAULT]
    for language in library.languages:
        have = library.keys(language)
        files = [file for file in library.files if file.language == language]
        without: dict[Path, Path] = {}
        for key in needed:
            # Other words for a choice, and sentences in other languages, may be left out.
            if key not in have and ".also." not in key and not key.startswith("foreign."):
                file, home = _home(key, files), _home(key, english)
                if file.prefix == home.prefix:
                    yield _problem(file, key, f"no words for '{_local(key, file)}'; write them here")
                else:
                    without[home.path.with_stem(language)] = home.path
        yield from (f"{path}:1: this file is missing; copy {home} to it, and translate it" for path, home in without.items())


def _unused(library: Library, needed: Iterable[str], outside: tuple[str, ...]) -> Iterator[str]:
    wanted = set(needed)
    for file in library.files:
        for key in file.entries:
            if key not in wanted and not key.startswith(outside):
                yield _problem(file, key, f"'{_local(key, file)}' is never said; remove it or correct its name")


def _drift(library: Library, seen: Seen) -> Iterator[str]:
    for file in library.files:
        for key, entry in file.entries.items():
            allowed = seen.keys.get(key)
            if allowed is None or ".also." in key:
                continue
            expected = _fields(library.entry(DEFAULT, key)) if key in library.keys(DEFAULT) else allowed
            for text in texts(entry):
                try:
                    fields = _placeholders(text)
                except ValueError:
                    yield _problem(file, key, f"'{_local(key, file)}' has an unpaired brace; double it to show one")
                    continue
                unknown = fields - allowed
                if unknown:
                    yield _problem(file, key, f"'{_local(key, file)}' asks for {{{min(unknown)}}}, which is not given here")
                lost = expected - fields
                if lost and not isinstance(entry, Plural):
                    yield _problem(file, key, f"'{_local(key, file)}' leaves out {{{min(lost)}}}; put it in")


def _variants(library: Library) -> Iterator[str]:
    for file in library.files:
        for key, entry in file.entries.items():
            if key.startswith(RECURRING) and (not isinstance(entry, tuple) or len(set(entry)) < VARIANTS):
                yield _problem(file, key, f"'{key}' comes back often: write at least {VARIANTS} different wordings")


def _lengths(library: Library, seen: Seen) -> Iterator[str]:
    for file in library.files:
        for key, entry in file.entries.items():
            longest = max(len(text) for text in texts(entry))
            if longest > LONGEST:
                yield _problem(file, key, f"'{_local(key, file)}' has {longest} characters; {LONGEST} is the most")
            elif key in seen.labels and longest > LABEL:
                yield _problem(file, key, f"the label '{_local(key, file)}' has {longest} characters; {LABEL} is the most")


def _grades(library: Library, seen: Seen) -> Iterator[str]:
    """The formula is for English; other languages are left to their writers."""
    for (dialog, step), screens in seen.screens.items():
        for says in screens.values():
            text = " ".join(_spoken(say, library) for say in says if say.key != CITED)
            if words_in(text) >= WORDS and (found := grade(text)) > HARDEST:
                file, key = _spoken_in(library, says)
                yield _problem(
                    file,
                    key,
                    f"step '{dialog}/{step}' reads at grade {found:.1f}; {HARDEST:.0f} is the most: shorten its sentences",
                )


def _spoken(say: Say, library: Library) -> str:
    try:
        return plain(speak(say, library, DEFAULT))
    except ContentError:  # a word is missing or misspelt, which is said elsewhere
        return ""


def _facts(library: Library, pack: Pack) -> Iterator[str]:
    for language in library.languages:
        covered: set[str] = set()
        for file in (file for file in library.files if file.language == language):
            for key, facts in file.facts.items():
                covered.update(facts)
                for fact in facts:
                    if fact not in pack.facts:
                        yield _problem(file, f"{key}.facts", f"fact {fact} is not in pack.yaml; add it with its source")
                if not any(k.startswith(f"{key}.") or k == key for k in file.entries):
                    yield _problem(file, f"{key}.facts", "facts without words beside them; write the words")
        for fact in sorted(pack.facts.keys() - covered):
            home = _home(f"{pack.name}.", [f for f in library.files if f.language == language])
            yield f"{_short(home.path)}:1: fact {fact} stands beside no words; say it, and name it in 'facts:'"


def _screens(book: Book, seen: Seen) -> Iterator[str]:
    for name, dialog in book.dialogs.items():
        for step in dialog.table:
            if step.asks and (name, step.name) not in seen.screens:
                yield f"dialog '{name}', step '{step.name}': no walk leads here; link it or remove it"


def _helplines(root: Path) -> Iterator[str]:
    try:
        load(root / FILE)
    except ContentError as error:
        yield str(error)


def outdated(languages: Iterable[str], today: date) -> Iterator[str]:
    """What is told of years of birth in the lexicons of these languages and is no longer right on this day."""
    # A language without a lexicon of its own is read with the English one: the same year again, the same line.
    for until in sorted({crisis.born_until(language) for language in languages}):
        if today.year > until:
            yield f"crisis/en.yaml: 'birth_years' were right until the end of {until}; move 'first' and 'until' on"


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _fields(entry: Entry) -> set[str]:
    try:
        return set().union(*(_placeholders(text) for text in texts(entry)))
    except ValueError:
        return set()


def _local(key: str, file: WordFile) -> str:
    return key.removeprefix(file.prefix)


def _home(key: str, files: list[WordFile]) -> WordFile:
    """The file in which a key belongs: its part of a pack's, its pack's, or the core's."""
    return max((f for f in files if key.startswith(f.prefix)), key=lambda f: len(f.prefix))


def _spoken_in(library: Library, says: tuple[Say, ...]) -> tuple[WordFile, str]:
    """Where the longest text of a screen stands."""
    key = max(
        (say.key for say in says),
        key=lambda key: len(speak(Say(key), library, DEFAULT)) if _is_plain(library, key) else 0,
    )
    return _home(key, [file for file in library.files if file.language == DEFAULT]), key


def _is_plain(library: Library, key: str) -> bool:
    entry = library.entry(DEFAULT, key)
    return isinstance(entry, str) and "{" not in entry


def _problem(file: WordFile, key: str, what: str) -> str:
    line = line_of(file.path, tuple(_local(key, file).split(".")))
    return f"{_short(file.path)}:{line}: {what}"


def _short(path: Path) -> str:
    """The path from the content folder on, or from here where that is shorter to find."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
