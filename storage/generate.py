"""Writes the statements of each engine from statements.py: `python -m storage.generate`, after any change there or of tables.

Imports neither of these files nor anything that does, so that a file spoilt by a merge can be written anew.
Their layout is the formatter's own, which `make check` holds it to.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Table
from sqlalchemy.sql.base import Executable

from storage import postgres, sqlite
from storage.dialect import Statement, counted, sized
from storage.statements import SIZED, single

WIDTH = 128
INDENT = 4
HEADER = '''\
"""Every statement as {driver} takes it. Generated from statements.py: change that, then `python -m storage.generate`.
{more}
Each has its text, then the names of its parameters in the order of the text, then those whose value never changes.
"""

from __future__ import annotations

from collections.abc import Mapping

from storage.dialect import Statement, sized

'''
MORE = """
They are called as in sql.py, by which they are found. A parameter stands as $, to be numbered by `counted` (see dialect.py).
"""


class Dialect(Protocol):
    """What writing down statements takes of an engine's module."""

    def compiled(self, statement: Executable) -> Statement:
        """Compile a Core statement for the driver."""

    def upsert(self, table: Table) -> Executable:
        """Insert a row, or replace the rest of the row with the same primary key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A file to be written: for which engine, whose driver is called so, and what else its docstring says."""

    file: Path
    engine: Dialect
    driver: str
    more: str = ""


TARGETS = (
    Target(file=Path(__file__).with_name("sql.py"), engine=sqlite, driver="the driver"),
    Target(file=Path(__file__).with_name("postgres_sql.py"), engine=postgres, driver="asyncpg", more=MORE),
)


def generated(target: Target) -> str:
    """The whole file."""
    compiled = target.engine.compiled
    parts = [f"{name} = {_call(compiled(each))}\n" for name, each in single(target.engine.upsert).items()]
    parts += [f"{name}: Mapping[int, Statement] = {_sized(compiled, *each)}\n" for name, each in SIZED.items()]
    return HEADER.format(driver=target.driver, more=target.more) + "".join(parts)


def main(targets: Iterable[Target] = TARGETS) -> int:
    """Write the files."""
    for target in targets:
        target.file.write_text(generated(target), encoding="utf-8")
    return 0


def _call(statement: Statement) -> str:
    """The expression that makes this statement again."""
    return f"Statement.of(\n{_argument(statement.sql)}{_argument(' '.join(statement.names))}{_fixed(statement)})"


def _sized(compiled: Callable[[Executable], Statement], described: Callable[[int], Executable], sizes: tuple[int, ...]) -> str:
    """The expression that makes a statement again in these sizes. Raises ValueError where it does not make the same."""
    compiled_ = {size: compiled(described(size)) for size in sizes}
    one, two = (_line(compiled(described(size)).sql) for size in (1, 2))
    length = len(two) - len(one) - len(", ")
    cuts = (cut for cut in range(len(one)) if two == f"{one[: cut + length]}, {one[cut:]}")
    cut = next(cuts, 0)
    head, row, tail = one[:cut], one[cut : cut + length], one[cut + length :]
    first = compiled_[1]
    names = " ".join(name.removesuffix("0") for name in first.names[: len(first.names) - len(first.fixed)])
    made = sized(sizes, head, row, tail, names, **first.fixed)
    if any((counted(_line(each.sql)), each.names) != (made[size].sql, made[size].names) for size, each in compiled_.items()):
        raise ValueError("a statement does not only grow by its rows: bring its fixed values after them in statements.py")
    texts = "".join(map(_argument, (head, row, tail, names)))
    return f"sized(\n{' ' * INDENT}{sizes},\n{texts}{_fixed(first)})"


def _line(sql: str) -> str:
    return " ".join(line.strip() for line in sql.split("\n"))


def _fixed(statement: Statement) -> str:
    return "".join(f"{' ' * INDENT}{name}={_literal(value)},\n" for name, value in statement.fixed.items())


def _argument(text: str) -> str:
    """The text as one string, with spaces for the ends of lines: on one line where there is room, else each on its own."""
    pad = " " * INDENT
    room = WIDTH - len(pad) - len('"",')
    lines = [line.strip() for line in text.split("\n")] if "\n" in text else [text]
    whole = " ".join(lines)
    if len(whole) <= room:
        parts = [whole]
    else:
        parts = [part for line in lines[:-1] for part in _broken(f"{line} ", room)] + _broken(lines[-1], room)
    return "\n".join(pad + _literal(part) for part in parts) + ",\n"


def _broken(line: str, room: int) -> list[str]:
    """The line in pieces of at most `room` columns, each but the last ending with a space."""
    parts = [""]
    for word in re.findall(r"\S*\s*", line):
        if len(parts[-1]) + len(word) > room:
            parts.append("")
        parts[-1] += word
    return parts


def _literal(value: object) -> str:
    """The value as Python writes it, with double quotes. Raises ValueError where that does not say it all."""
    if isinstance(value, int):
        return repr(value)
    if not isinstance(value, str) or not value.isprintable() or '"' in value or "\\" in value:
        raise ValueError("a statement holds a value that cannot be written plainly: make it a parameter in statements.py")
    return f'"{value}"'


if __name__ == "__main__":
    sys.exit(main())
