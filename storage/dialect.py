"""What the engines share: statements as drivers take them, and which engine a URL names. Neither engine is loaded here.

Besides this file, only those that are called after an engine know one: sqlite*.py and postgres*.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.ports import StoreError

Rows = list[tuple[Any, ...]]

FORMS = "sqlite:///relative/path.db, sqlite:////absolute/path.db or postgresql://user:password@host/database"
# The first word of DATABASE_URL, up to any `+`: which engine it names.
SCHEMES: Mapping[str, str] = {"sqlite": "sqlite", "postgresql": "postgres", "postgres": "postgres"}
# Where a parameter stands in the texts of an engine that counts them: sql.py leaves the counting to this file.
PLACE = "$"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Statement:
    """A statement compiled once: its text, the order of its parameters, and those whose value never changes."""

    sql: str
    names: tuple[str, ...]
    fixed: Mapping[str, Any]

    @classmethod
    def of(cls, sql: str, names: str, /, **fixed: Any) -> Statement:
        """A statement as sql.py writes it: the names in one string, with spaces between them."""
        return cls(sql=counted(sql), names=tuple(names.split()), fixed=fixed)

    def args(self, values: Mapping[str, Any]) -> list[Any]:
        """The parameters in the order of the text. A value that is missing is a KeyError."""
        return [values[name] if name in values else self.fixed[name] for name in self.names]

    def batch(self, rows: Iterable[Iterable[Any]]) -> list[Any]:
        """The parameters for these rows, where the fixed ones come last. Rows for which there is room beyond are NULL."""
        args = [part for row in rows for part in row]
        args += [None] * (len(self.names) - len(self.fixed) - len(args))
        args += self.fixed.values()
        return args


def sized(sizes: Sequence[int], head: str, row: str, tail: str, names: str, /, **fixed: Any) -> Mapping[int, Statement]:
    """One statement for several numbers of rows, by number: its text before the rows, for each of them, and after them.

    `names` are those of a row, to which its number is added; the fixed ones come last.
    """
    return {
        size: Statement(
            sql=counted(head + ", ".join([row] * size) + tail),
            names=(*(f"{name}{number}" for number in range(size) for name in names.split()), *fixed),
            fixed=fixed,
        )
        for size in sizes
    }


def fitting(statements: Mapping[int, Statement], rows: int) -> Statement:
    """The one of these that has room for so many rows. Their sizes are the powers of two."""
    return statements[1 << (rows - 1).bit_length()]


def counted(sql: str) -> str:
    """The text with the places of its parameters numbered, where they stand as PLACE."""
    if PLACE not in sql:
        return sql
    first, *rest = sql.split(PLACE)
    return first + "".join(f"{PLACE}{number}{part}" for number, part in enumerate(rest, start=1))


def engine_of(url: str) -> str:
    """Which engine DATABASE_URL names: what the module is called that knows it. Raises StoreError for any other URL."""
    scheme, colon, _ = url.partition("://")
    name, plus, driver = scheme.partition("+")
    engine = SCHEMES.get(name)
    if engine is None or not colon or (plus and (name, driver) != ("postgresql", "asyncpg")):
        raise StoreError(f"DATABASE_URL is not understood: write {FORMS}")
    return engine
