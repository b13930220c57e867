"""`closer chat` as a program of its own: started, talked to by lines, ended or killed. Never waits for ever."""

from __future__ import annotations

import ctypes
import os
import select
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATIENCE = 30  # seconds until a program that says nothing is taken to hang
LAST = "Get help now"  # the last words of every turn, when piped
_DROP, _RIGHTS = 24, (1, 2)  # PR_CAPBSET_DROP; the rights of root to read and write everything (linux/capability.h)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a finished program said."""

    code: int
    out: str
    err: str

    @property
    def turns(self) -> list[str]:
        """The turns, one for the opening and one for each line."""
        parts = self.out.split(f"{LAST}\n")
        return [part.strip() for part in parts[:-1]]


class Desk:
    """A folder of one's own to start the program in, with nothing of this machine's settings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = folder / "data" / "closer.db"
        self.key = folder / "config" / "key"

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "CLOSER_KEY_FILE": str(self.key),
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm",
            **more,
        }

    def command(self, *options: str | Path, db: Path | None = None) -> list[str]:
        return [sys.executable, "-m", "bot", "chat", "--db", str(db or self.db), *map(str, options)]

    def chat(
        self,
        lines: Sequence[str] | bytes,
        *options: str | Path,
        db: Path | None = None,
        more: Mapping[str, str] | None = None,
        preexec: Callable[[], None] | None = None,
    ) -> Told:
        """A whole piped conversation."""
        typed = lines if isinstance(lines, bytes) else "".join(f"{line}\n" for line in lines).encode()
        done = subprocess.run(
            self.command(*options, db=db),
            input=typed,
            capture_output=True,
            cwd=self.folder,
            env=self.environment(**(more or {})),
            timeout=PATIENCE,
            check=False,
            preexec_fn=preexec,
        )
        return Told(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())

    def start(self, *options: str, **streams: int) -> subprocess.Popen[bytes]:
        """A conversation that goes on. `streams` as for Popen; pipes where left out."""
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen(self.command(*options), cwd=self.folder, env=self.environment(), **{**pipes, **streams})  # type: ignore[call-overload, no-any-return]


def refused(told: Told, *words: str) -> None:
    """It did not start, and said why in one line without a traceback."""
    assert told.code == 2
    assert not told.out
    assert told.err.startswith("closer: ")
    assert "Traceback" not in told.err
    for word in words:
        assert word in told.err


def read_until(descriptor: int, wanted: bytes, heard: bytes = b"") -> bytes:
    """All that is said until `wanted` has been said, or until nothing more comes."""
    while wanted not in heard:
        ready, _, _ = select.select([descriptor], [], [], PATIENCE)
        assert ready, f"nothing more was said after {len(heard)} bytes"
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # a terminal whose other end was closed
            break
        if not piece:
            break
        heard += piece
    return heard


def without_rights_of_root() -> None:
    """Before the program starts: file modes count for it too, even where tests run as root."""
    library = ctypes.CDLL(None)
    for right in _RIGHTS:
        library.prctl(_DROP, right, 0, 0, 0)
