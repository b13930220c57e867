"""Where the master key comes from: CLOSER_KEY, or the lines of CLOSER_KEY_FILE. Reads, checks and makes keys.

No key is ever part of an error or of a repr.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bot.ports import NoKey, StoreError
from storage.files import exists, make_folder, open_to_others, write_new

KEY_BYTES = 32
HEX = re.compile(r"[0-9A-Fa-f]{64}")
FORM = "a key is 32 random bytes, written as base64 (43 or 44 characters) or as 64 hex digits"
HEADER = """\
# Closer's key. Without it nobody can read the database: keep a copy, apart from the database.
# The first line is the key in use. To change it, put a new one above it, start Closer once, then remove the old line.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeySource:
    """The two settings that name the key. `value` (CLOSER_KEY) outranks `file` (CLOSER_KEY_FILE).

    `handed_over`: the file comes from a service manager. An access list that lets in one user shows there as the mode of a
    group, so the mode bits do not tell who may read it. `made`: where there is no key, and nothing needs one yet, one is made.
    """

    value: str | None = field(default=None, repr=False)
    file: Path | None = None
    handed_over: bool = False
    made: bool = True

    def __str__(self) -> str:
        if self.value:
            return "CLOSER_KEY"
        return f"CLOSER_KEY_FILE ({self.file})" if self.file else "CLOSER_KEY or CLOSER_KEY_FILE"

    def read(self) -> tuple[bytes, ...]:
        """The keys, the current one first; none where there is no key yet. Raises StoreError for a bad one.

        CLOSER_KEY may hold several keys too, with commas or spaces between them.
        """
        if self.value:
            return _keys("CLOSER_KEY", ((None, word) for word in re.split(r"[,\s]+", self.value.strip())))
        if self.file is None or not exists(self.file):
            return ()
        return _keys(str(self), _lines(self.file, guarded=self.handed_over))

    def create(self) -> tuple[bytes, ...]:
        """Make the key file, durably, for its owner alone; where another process was quicker, read its key."""
        if self.file is None:
            raise StoreError(f"There is no key: set CLOSER_KEY or CLOSER_KEY_FILE ({FORM}).")
        if not self.made:
            raise NoKey(f"There is no key at {self.file} yet: the first start of `closer run` makes it.")
        key = secrets.token_bytes(KEY_BYTES)
        make_folder(self.file.parent, "CLOSER_KEY_FILE")
        try:
            made = write_new(self.file, f"{HEADER}{encode(key)}\n")
        except OSError as error:
            raise StoreError(
                f"The key file {self.file} cannot be made ({error.strerror}): make its folder writable, or point "
                f"CLOSER_KEY_FILE elsewhere."
            ) from error
        return (key,) if made else self.read()


def encode(key: bytes) -> str:
    """A key as one line of a key file."""
    return base64.urlsafe_b64encode(key).decode("ascii")


def decode(text: str) -> bytes | None:
    """The key that `text` writes, or None where it is not one."""
    if HEX.fullmatch(text):
        return bytes.fromhex(text)
    bare = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        key = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def _lines(file: Path, *, guarded: bool) -> list[tuple[int | None, str]]:
    if file.is_dir():
        raise StoreError(f"{file} is a folder, not a file: point CLOSER_KEY_FILE at a file inside it.")
    try:
        if not guarded and open_to_others(file):
            raise StoreError(f"The key file {file} can be read by others: run chmod 600 {file}")
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise StoreError(
            f"The key file {file} cannot be read: give its user the right to, or point CLOSER_KEY_FILE at a text file."
        ) from error
    numbered = ((number, line.strip()) for number, line in enumerate(text.splitlines(), start=1))
    return [(number, line) for number, line in numbered if line and not line.startswith("#")]


def _keys(origin: str, words: Iterable[tuple[int | None, str]]) -> tuple[bytes, ...]:
    keys = []
    for number, word in words:
        key = decode(word)
        if key is None:
            line = "" if number is None else f", line {number}"
            raise StoreError(f"{origin}{line} holds no valid key: {FORM}.")
        keys.append(key)
    if not keys:
        raise StoreError(f"{origin} is empty: put the key back from a backup ({FORM}).")
    return tuple(dict.fromkeys(keys))
