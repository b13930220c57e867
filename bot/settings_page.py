"""The page of settings for the docs, written from the settings themselves and `.env.example`: `python -m bot.settings_page`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bot.settings import NO_MARKUP, Settings

EXAMPLE = Path(__file__).parent.parent / ".env.example"
HEAD = """\
<!-- Written by `make settings`. Do not edit by hand: the texts are in .env.example, the rest in bot/settings.py. -->
# Settings

All of them are optional. They are read from the environment, from a file `.env` in the folder where Closer is started, and from
the files in `SECRETS_DIR`, in that order: the first that names a setting wins. An empty value is as good as none.
[.env.example](../.env.example) is the same list, ready to copy. A wrong value ends the program with the setting's name and what
it may be, never with the value.

"""
SETTING = re.compile(r"#?([A-Z][A-Z_]*)=")
# An address at the end of a line has no full stop, or it would be copied along.
UNENDED = re.compile(r"(?<![.;:,]) Left out:")
# Another setting; or an address, where nothing marks it as code yet.
NAME = re.compile(r"\b[A-Z]+_[A-Z_]+\b|(?<![`\w])(?:sqlite|https?):/\S+[\w/]")
KINDS: Mapping[Any, str] = {
    SecretStr: "a secret",
    Path: "a path",
    bool: "`true` or `false`",
    str: "text",
    int: "a whole number",
    float: "a number",
    tuple: "whole numbers, with commas between them",
}
PATTERNS: Mapping[str, str] = {
    r"^https?://": "an address that begins with `http://` or `https://`",
    r"^[A-Za-z0-9_-]{1,256}$": "1 to 256 letters, digits, `_` and `-`",
    NO_MARKUP: "1 to 200 characters, without `<` and `>`",
}
# Signs of a range, and what makes them a part of "from ... to ...".
LOWER, UPPER = ((Ge, "ge", "from {}"), (Gt, "gt", "more than {}")), ((Le, "le", "to {}"), (Lt, "lt", "less than {}"))


def page(example: str) -> str:
    """The page, as Markdown. `example` is the text of `.env.example`; raises KeyError for a setting that is not in it."""
    said = dict(meanings(example))
    parts = (
        f"## `{name.upper()}`\n\n{said[name.upper()]}\n\nDefault: {default_of(field)}. Values: {values_of(field)}.\n"
        for name, field in Settings.model_fields.items()
    )
    return HEAD + "\n".join(parts)


def meanings(example: str) -> Iterator[tuple[str, str]]:
    """Each setting of an `.env.example`, with the comment that stands above it."""
    comment: list[str] = []
    for line in example.splitlines():
        if found := SETTING.match(line):
            yield found[1], NAME.sub(r"`\g<0>`", UNENDED.sub(". Left out:", " ".join(comment)))
        comment = [*comment, line.removeprefix("# ")] if line.startswith("# ") else []


def default_of(field: FieldInfo) -> str:
    """The default of a setting: none where leaving it out means something that its text explains."""
    default = field.default
    if default is None or default == () or isinstance(default, Path):
        return "none"
    return f"`{str(default).lower()}`" if isinstance(default, bool) else f"`{default}`"


def values_of(field: FieldInfo) -> str:
    """What a setting may be, in words. Raises KeyError for a kind or a pattern that has none yet."""
    kind, limits = _plain(field.annotation, tuple(field.metadata))
    if get_origin(kind) is Literal:
        return ", ".join(f"`{each}`" for each in get_args(kind))
    pattern = next((limit.pattern for limit in limits if getattr(limit, "pattern", None)), None)
    if pattern is not None:
        return f"a secret, {PATTERNS[pattern]}" if kind is SecretStr else PATTERNS[pattern]
    words = [text.format(f"{value:,}") for side in (LOWER, UPPER) for value, text in _limits(limits, side)]
    return ", ".join((KINDS[get_origin(kind) or kind], " ".join(words))) if words else KINDS[get_origin(kind) or kind]


def _limits(found: tuple[Any, ...], side: tuple[tuple[type, str, str], ...]) -> Iterator[tuple[float, str]]:
    for limit in found:
        for kind, name, text in side:
            if isinstance(limit, kind):
                yield getattr(limit, name), text


def _plain(annotation: Any, limits: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """A type without None and without what is annotated, and all that was annotated."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _plain(inner, (*limits, *(part for each in more for part in getattr(each, "metadata", (each,)))))
    if get_origin(annotation) in {Union, UnionType}:
        (inner,) = (each for each in get_args(annotation) if each is not NoneType)
        return _plain(inner, limits)
    return annotation, limits


if __name__ == "__main__":
    sys.stdout.write(page(EXAMPLE.read_text("utf-8")))
