"""Writes storage/sql.py from statements.py: `python -m storage.generate`, after any change of tables or statements.

Imports neither that file nor anything that does, so that a file spoilt by a merge can be written anew.
Its layout is the formatter's own, which `make check` holds it to.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from storage.dialect import Statement, compiled, upsert
from storage.statements import SIZED, SIZES, single

TARGET = Path(__file__).with_name("sql.py")
WIDTH = 128
INDENT = 4
HEADER = '''\
"""Every statement as the driver takes it. Generated from statements.py: change that, then `python -m storage.generate`.

Each has its text, then the names of its parameters in the order of the text, then those whose value never changes.
"""

from __future__ import annotations

from collections.abc import Mapping

from storage.dialect import Statement

'''


def generated() -> str:
    """The whole file."""
    parts = [f"{name} = {_call(compiled(each), 0)}\n" for name, each in single(upsert).items()]
    for name, described in SIZED.items():
        sizes = (f"{' ' * INDENT}{size}: {_call(compiled(described(size)), INDENT)},\n" for size in SIZES)
        parts.append(f"{name}: Mapping[int, Statement] = {{\n{''.join(sizes)}}}\n")
    return HEADER + "".join(parts)


def main(target: Path = TARGET) -> int:
    """Write the file."""
    target.write_text(generated(), encoding="utf-8")
    return 0


def _call(statement: Statement, indent: int) -> str:
    """The expression that makes this statement again, beginning after `indent` columns."""
    pad = " " * (indent + INDENT)
    texts = (_argument(statement.sql.split("\n"), pad), _argument([" ".join(statement.names)], pad))
    fixed = (f"{pad}{name}={_literal(value)},\n" for name, value in statement.fixed.items())
    return f"Statement.of(\n{''.join(texts)}{''.join(fixed)}{' ' * indent})"


def _argument(lines: Iterable[str], pad: str) -> str:
    """These lines as one string, with spaces between them: on one line where there is room, else each on its own."""
    stripped = [line.strip() for line in lines]
    room = WIDTH - len(pad) - len('"",')
    whole = " ".join(stripped)
    if len(whole) <= room:
        parts = [whole]
    else:
        parts = [part for line in stripped[:-1] for part in _broken(f"{line} ", room)] + _broken(stripped[-1], room)
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
