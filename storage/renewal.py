"""A new key: as the first line of the key file, and later as the only one. What it means for the database is in rotation.py."""

from __future__ import annotations

import secrets
from pathlib import Path

from bot.ports import StoreError
from storage.files import write_over
from storage.keys import KEY_BYTES, KeySource, encode


def file_of(keys: KeySource) -> Path:
    """The key file, where that is where the key comes from. Raises StoreError with what to do instead."""
    if keys.value:
        raise StoreError(
            "The key is in CLOSER_KEY, which cannot be changed from here: put a new key before it there, with a comma between "
            "them, start Closer once, then take the old one out."
        )
    if keys.file is None:
        raise StoreError("There is no key file: set CLOSER_KEY_FILE.")
    if keys.handed_over:
        raise StoreError(
            f"{keys.file} is handed over from elsewhere: run this with CLOSER_KEY_FILE set to the file that it comes from."
        )
    if not keys.read():
        raise StoreError(f"There is no key in {keys.file} that could be changed: `closer run` makes the first one.")
    return keys.file


def begin(file: Path) -> KeySource:
    """Put a new key before those in the file; return where that one alone is read from. Raises StoreError."""
    lines = _lines(file)
    new = encode(secrets.token_bytes(KEY_BYTES))
    first = next(number for number, line in enumerate(lines) if _is_key(line))
    write_over(file, "".join(f"{line}\n" for line in (*lines[:first], new, *lines[first:])))
    return KeySource(value=new)


def finish(file: Path) -> int:
    """Leave nothing but the first key in the file; return how many went. Raises StoreError."""
    lines = _lines(file)
    keys = [number for number, line in enumerate(lines) if _is_key(line)]
    write_over(file, "".join(f"{line}\n" for number, line in enumerate(lines) if number not in keys[1:]))
    return len(keys) - 1


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise StoreError(f"The key file {file} cannot be read: give its user the right to.") from error


def _is_key(line: str) -> bool:
    return bool(line.strip()) and not line.strip().startswith("#")
