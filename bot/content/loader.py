"""Reading content from YAML files into values. Errors name the file, the line and the remedy; nothing is guessed.

The files: `core/<lang>.yaml` and `packs/<name>/<lang>.yaml` (words), `packs/<name>/pack.yaml` (structure);
`packs/<name>/<part>/<lang>.yaml` (words) and `.../<part>.yaml` (structure) of what a pack has besides;
`foreign.yaml` (one sentence for each language that is not spoken yet).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.content.model import Pack, Places

ROOT = Path(__file__).parent
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

AS_THE_NOTES_SAY = "; correct it as the notes on top of the file say"
Shape = TypeVar("Shape", bound=BaseModel)
PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})


class ContentError(Exception):
    """A content file is wrong. The message names the file, the line where it is known, and the remedy."""


@dataclass(frozen=True, slots=True)
class Plural:
    """Words that depend on a number: the value named `count` picks the CLDR category."""

    count: str
    forms: Mapping[str, str]


Entry: TypeAlias = "str | tuple[str, ...] | Plural"


@dataclass(frozen=True, slots=True)
class WordFile:
    """One language's words from one file: entries by dotted key, and the fact ids that stand beside them."""

    path: Path
    language: str
    prefix: str
    entries: Mapping[str, Entry]
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_yaml(path: Path) -> Any:
    """The plain values in a YAML file. Raises ContentError with file and line."""
    try:
        return yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506  # a safe loader, in C where there is one
    except OSError as error:
        raise ContentError(f"{path}: cannot be read ({error.strerror}); restore the file or its permissions") from error
    except UnicodeDecodeError as error:
        raise ContentError(f"{path}: is not UTF-8; save it as UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError(f"{path}:{line}: {error.problem or 'not valid YAML'}; correct the YAML here") from error
    except yaml.YAMLError as error:
        raise ContentError(f"{path}: not valid YAML; correct it") from error


def read_pack(folder: Path) -> Pack:
    """The structure of the pack in this folder."""
    path = folder / "pack.yaml"
    pack = shaped(path, read_yaml(path), Pack, whole="the pack as a whole", remedy="")
    refuse(path, pack.faults())
    return pack


def shaped(path: Path, values: Any, shape: type[Shape], *, whole: str = "the file", remedy: str = AS_THE_NOTES_SAY) -> Shape:
    """The values of this file in this shape; `whole` is what all of it is called. Raises ContentError for each thing wrong."""
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        raise ContentError("\n".join(f"{_located(path, each, whole)}{remedy}" for each in error.errors())) from error


def refuse(path: Path, faults: Iterable[tuple[Places, str]]) -> None:
    """Raises ContentError where there are any, each with its line."""
    if told := "\n".join(f"{path}:{line_of(path, places)}: {what}" for places, what in faults):
        raise ContentError(told)


def require_codes(path: Path, part: str, countries: object) -> None:
    """Countries by their codes, as they stand under `part`. Raises ContentError where YAML reads one as yes or no."""
    for code in countries if isinstance(countries, dict) else ():
        if isinstance(code, bool):
            row = line_of(path, (part, code))
            raise ContentError(f'{path}:{row}: this country reads as yes or no; put its code in quotes, as "NO" for Norway')


def read_words(path: Path, prefix: str = "") -> WordFile:
    """The words in one file, their keys beginning with `prefix`."""
    values = read_yaml(path)
    if not isinstance(values, Mapping):
        raise ContentError(f"{path}:1: words are a mapping of keys to texts; begin with a key")
    entries: dict[str, Entry] = {}
    facts: dict[str, tuple[str, ...]] = {}
    for places, value in _leaves(path, values, ()):
        key = f"{prefix}{'.'.join(str(place) for place in places)}"
        if key.endswith(".facts") and isinstance(value, tuple):
            facts[key.removesuffix(".facts")] = value
        else:
            entries[key] = value
    return WordFile(path, path.stem, prefix, entries, facts)


def word_paths(root: Path) -> Iterator[tuple[Path, str]]:
    """Every file of words under a content folder, with the prefix of its keys."""
    for path in sorted((root / "core").glob("*.yaml")):
        yield path, ""
    for path in sorted((root / "packs").glob("*/*.yaml")):
        if path.stem != "pack":
            yield path, f"{path.parent.name}."
    for path in sorted((root / "packs").glob("*/*/*.yaml")):
        if path.stem != path.parent.name:
            yield path, f"{path.parent.parent.name}.{path.parent.name}."


def line_of(path: Path, places: Places) -> int:
    """The line (from 1) where this path of keys stands in a YAML file; the nearest line above where it does not."""
    node = yaml.compose(path.read_text("utf-8"), Loader=_Loader)
    line = 1
    for place in places:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if _is(key, place)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(place, int) and place < len(node.value):
            node = node.value[place]
            line = node.start_mark.line + 1
        else:
            break
    return line


def lines_of(path: Path) -> Mapping[Places, int]:
    """The line (from 1) of everything in a YAML file, by its path of keys and places."""
    found: dict[Places, int] = {}
    todo: list[tuple[Places, int, Any]] = [((), 1, yaml.compose(path.read_text("utf-8"), Loader=_Loader))]
    while todo:
        places, line, node = todo.pop()
        found[places] = line
        if isinstance(node, yaml.MappingNode):
            todo += [((*places, key.value), key.start_mark.line + 1, value) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            todo += [((*places, number), value.start_mark.line + 1, value) for number, value in enumerate(node.value)]
    return found


def twice(path: Path) -> Iterator[tuple[int, str]]:
    """Every key that stands twice in one mapping, with its second line: YAML would silently keep the last."""
    todo: list[tuple[str, Any]] = [("", yaml.compose(path.read_text("utf-8"), Loader=_Loader))]
    while todo:
        prefix, node = todo.pop()
        seen: set[str] = set()
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            name = f"{prefix}{key.value}"
            if name in seen:
                yield key.start_mark.line + 1, name
            seen.add(name)
            todo.append((f"{name}.", value))


def _is(key: Any, place: str | int) -> bool:
    # What reads as true or false was written as yes, no, on or off.
    return bool(key.tag.endswith(":bool")) if isinstance(place, bool) else key.value == str(place)


def at(file: WordFile, key: str, what: str) -> str:
    """A problem with the words at this key (without the prefix), as a line that names file and line."""
    return f"{file.path}:{line_of(file.path, tuple(key.split('.')))}: {what}"


def texts(entry: Entry) -> tuple[str, ...]:
    """All wordings of an entry."""
    if isinstance(entry, Plural):
        return tuple(entry.forms.values())
    return entry if isinstance(entry, tuple) else (entry,)


def _located(path: Path, problem: Any, whole: str) -> str:
    where = ".".join(str(place) for place in problem["loc"]) or whole
    return f"{path}:{line_of(path, problem['loc'])}: {where}: {problem['msg'].removeprefix('Value error, ')}"


def _leaves(path: Path, values: Mapping[Any, Any], places: Places) -> Iterator[tuple[Places, Entry]]:
    """Every text under these values with its path of keys."""
    for name, value in values.items():
        here = (*places, name)
        if not isinstance(name, str):
            raise _wrong(path, here, f"reads as {type(name).__name__}; put it in quotes")
        if isinstance(value, Mapping) and "other" in value and value.keys() <= PLURALS | {"count"}:
            yield here, _plural(path, here, value)
        elif isinstance(value, Mapping):
            yield from _leaves(path, value, here)
        elif isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            yield here, tuple(item.strip() for item in value)
        elif isinstance(value, str) and value.strip():
            yield here, value.strip()
        else:
            raise _wrong(path, here, "is empty or no text; write its words (yes, no and numbers in quotes), or remove the key")


def _plural(path: Path, places: Places, value: Mapping[str, Any]) -> Plural:
    forms = {name: text.strip() for name, text in value.items() if name in PLURALS and isinstance(text, str)}
    count = value.get("count")
    if not isinstance(count, str) or "other" not in forms:
        raise _wrong(path, places, "has plural forms but no 'count:'; name the value that is counted")
    return Plural(count, forms)


def _wrong(path: Path, places: Places, what: str) -> ContentError:
    return ContentError(f"{path}:{line_of(path, places)}: '{'.'.join(str(place) for place in places)}' {what}")
