"""Where people are who help: the shape of helplines.yaml, and what of it may be shown.

A number that nobody confirmed on its provider's own page is never shown; what has no number (a directory, "your local
emergency number") cannot be wrong about one and always is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.content.loader import ContentError, read_yaml

Kind = Literal["emergency", "crisis", "violence", "youth", "directory"]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]

_ORDER: tuple[Kind, ...] = ("emergency", "crisis", "violence", "youth", "directory")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Line(_Part):
    """One line of help. `number` is as one dials it; `text` says where to text or chat, or which site to open."""

    kind: Kind
    name: str = ""
    number: Annotated[str, Field(pattern=r"^\+?\d[\d ()-]*$")] | None = None
    hours: str | None = None
    languages: tuple[str, ...] = ()
    text: str | None = None
    source_url: Annotated[str, Field(pattern=r"^https://")] | None = None
    verified_on: date | None = None
    status: Literal["confirmed", "unconfirmed"]

    @model_validator(mode="after")
    def _says_enough(self) -> Self:
        if self.status == "confirmed" and self.verified_on is None:
            raise ValueError("a confirmed line needs 'verified_on:', the day somebody read it on the provider's page")
        if self.source_url is None and (self.number is not None or self.text is not None):
            raise ValueError("a line with a number or a text needs 'source_url:', its provider's own page")
        return self

    @property
    def showable(self) -> bool:
        """Whether a person may see it: confirmed, or without any number that could be wrong."""
        return self.status == "confirmed" or self.number is None


class Helplines(_Part):
    """Every line known: `worldwide` ones, and those of countries by ISO 3166 code (EU for the whole union)."""

    worldwide: tuple[Line, ...]
    countries: dict[Country, tuple[Line, ...]] = {}

    @model_validator(mode="after")
    def _always_something(self) -> Self:
        kinds = {line.kind for line in self.worldwide if line.showable}
        if not kinds >= {"emergency", "directory"}:
            raise ValueError("'worldwide:' needs an emergency line without a number and a directory, for every other country")
        return self

    def for_country(self, code: str | None) -> tuple[Line, ...]:
        """What may be shown to somebody in this country (None: unknown; nothing is assumed), emergency first, directory last.

        A worldwide line stands in where the country has none of its kind; directories are always there.
        """
        own = [line for line in self.countries.get((code or "").upper(), ()) if line.showable]
        kinds = {line.kind for line in own}
        rest = [line for line in self.worldwide if line.showable and (line.kind == "directory" or line.kind not in kinds)]
        return tuple(sorted((*own, *rest), key=lambda line: _ORDER.index(line.kind)))


def load(path: Path) -> Helplines:
    """The lines in this file. Raises ContentError with file, line and remedy."""
    values = read_yaml(path)
    try:
        return Helplines.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        line = _line(path, first["loc"])
        message = str(first["msg"]).removeprefix("Value error, ")
        raise ContentError(f"{path}:{line}: {where}: {message}; correct it as the notes on top of the file say") from error


def _line(path: Path, place: Sequence[int | str]) -> int:
    """The line (from 1) of the innermost thing on the way to `place` that is in the file."""
    node: Any = yaml.compose(path.read_text("utf-8"), Loader=yaml.SafeLoader)
    line = 1 if node is None else node.start_mark.line + 1
    for part in place:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            pair = (node.value[part], node.value[part])
        else:
            break
        if pair is None:
            break
        line, node = pair[0].start_mark.line + 1, pair[1]
    return line
