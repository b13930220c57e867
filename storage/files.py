"""Private folders and files: made so that their owner alone can read them. Knows no database and no key."""

from __future__ import annotations

import errno
import glob
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
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


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """An empty private file beside `path` to be written and then put in place; whatever is left of it afterwards is removed.

    Raises StoreError where it cannot be made.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        # What a process of the same number left when it was killed.
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE))
    except OSError as error:
        raise StoreError(f"{path} cannot be made ({error.strerror}): make its folder, and make it writable.") from error
    try:
        yield draft
    finally:
        for each in (draft, *draft.parent.glob(f"{glob.escape(draft.name)}-*")):
            each.unlink(missing_ok=True)


def put_in_place(draft: Path, path: Path, *, owner: Path | None = None) -> None:
    """Give the draft its name, durably, and to whom `owner` belongs. Nothing is ever overwritten.

    Raises StoreError where something has that name.
    """
    try:
        if owner is not None:
            give_to_owner_of(owner, draft)
        sync(draft)
        _link(draft, path)
        _sync_folder(path.parent)
    except FileExistsError:
        raise StoreError(f"{path} is there already, and stays as it is: choose another name.") from None
    except OSError as error:
        raise StoreError(f"{path} cannot be made ({error.strerror}): choose another place.") from error


def move_aside(path: Path, draft: Path, today: date) -> Path:
    """Put the draft in the place of the file, which is kept under another name; return that. There is no moment without one.

    Raises StoreError.
    """
    try:
        give_to_owner_of(path, draft)
        sync(draft)
        aside = path.with_name(f"{path.name}.old-{today.isoformat()}")
        for number in range(2, 1000):
            try:
                _link(path, aside)
                break
            except FileExistsError:
                aside = path.with_name(f"{path.name}.old-{today.isoformat()}-{number}")
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise StoreError(f"{path} cannot be replaced ({error.strerror}): make its folder writable.") from error
    return aside


def write_over(path: Path, text: str) -> None:
    """Write a private file anew, whole and durably, or leave it as it was; it stays its owner's. Raises StoreError."""
    with draft_of(path) as draft:
        try:
            draft.write_text(text, encoding="utf-8")
            give_to_owner_of(path, draft)
            sync(draft)
            draft.replace(path)
            _sync_folder(path.parent)
        except OSError as error:
            raise StoreError(f"{path} cannot be written ({error.strerror}): make it and its folder writable.") from error


def give_to_owner_of(path: Path, draft: Path) -> None:
    """Give the draft to whom the path belongs: what root puts in place, another user is to read. Raises OSError."""
    if POSIX:
        there = path.stat()
        if there.st_uid != os.geteuid():
            os.chown(draft, there.st_uid, there.st_gid)


def sync(path: Path) -> None:
    """Have the file on the disk, whatever happens next. Raises OSError."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _link(draft: Path, path: Path) -> None:
    """A second name, where nothing has that one. Raises FileExistsError, OSError."""
    try:
        os.link(draft, path)
    except OSError as error:
        # Some disks, such as sticks and network drives, know one name for each file.
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}:
            raise
        if exists(path):
            raise FileExistsError(path) from None
        draft.rename(path)
