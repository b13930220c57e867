"""Private folders and files: made so that their owner alone can read them. Knows no database and no key."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from bot.ports import StoreError

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
OTHERS = 0o077
# The smallest page that a database file can have: a shorter file would be taken for an empty one, and overwritten.
SMALLEST = 512
# Elsewhere the mode bits say nothing about who may read a file.
POSIX = os.name == "posix"


def make_folder(folder: Path, variable: str) -> None:
    """Make `folder` and its missing parents, each for the owner alone. `variable` names the setting that chose it."""
    missing = []
    while not exists(folder) and folder != folder.parent:
        missing.append(folder)
        folder = folder.parent
    try:
        for each in reversed(missing):
            each.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {missing[0]} cannot be made ({error.strerror}): make it, or point {variable} elsewhere."
        ) from error


def exists(path: Path) -> bool:
    """Whether something is there; a name that the disk cannot even look up is not."""
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises for such a name


def make_file(path: Path, variable: str) -> None:
    """Make an empty private file where there is none; take a looser one away from others."""
    if exists(path) and path.is_dir():
        raise StoreError(f"{path} is a folder, not a file: point {variable} at a file inside it.")
    try:
        # O_EXCL also keeps an existing file from being opened: closing it again would drop the locks that another
        # connection of this process holds on it (POSIX advisory locks belong to the process, not to the descriptor).
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE))
    except FileExistsError:
        keep_private(path)
        if 0 < path.stat().st_size < SMALLEST:
            raise StoreError(f"{path} is not a Closer database: point {variable} at another file.") from None
    except OSError as error:
        raise StoreError(
            f"{path} cannot be made ({error.strerror}): make its folder writable, or point {variable} elsewhere."
        ) from error


def require_writable(path: Path, variable: str) -> None:
    """Raise StoreError where this user may not write to the file, where it exists.

    A database that may only be read opens all the same, and then makes read-only files beside it that outlive the cause.
    """
    if exists(path) and not os.access(path, os.W_OK):
        raise StoreError(f"{path} cannot be written to: make it writable for this user, or point {variable} elsewhere.")


def keep_private(path: Path) -> None:
    """Take the file away from everybody but its owner, where it exists and is looser than that."""
    try:
        if POSIX and stat.S_IMODE(path.stat().st_mode) & OTHERS:
            path.chmod(PRIVATE_FILE)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"{path} can be read by others, and that cannot be changed: run chmod 600 {path}") from error


def open_to_others(path: Path) -> bool:
    """Whether anybody but the owner may read or write the file."""
    return POSIX and bool(stat.S_IMODE(path.stat().st_mode) & OTHERS)


def write_new(path: Path, text: str) -> bool:
    """Write a private file whole and durably, or not at all. False where the name is taken already."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, never replaces: of two processes that make the file, one loses and reads the other's.
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return True


def _sync_folder(folder: Path) -> None:
    if not POSIX:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
