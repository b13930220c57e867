"""What the figures depend on, without a name or a path: versions, cores, the kind of disk."""

from __future__ import annotations

import os
import platform
import sqlite3
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """The machine as the page tells of it."""

    system: str
    cores: int
    python: str
    sqlite: str
    disk: str

    def __str__(self) -> str:
        return f"{self.system}, {self.cores} cores, Python {self.python}, SQLite {self.sqlite}, files on {self.disk}"


def this_machine(folder: Path) -> Machine:
    """This machine, with the kind of file system that `folder` stands on."""
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        cores=os.cpu_count() or 1,
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        disk=_disk(folder),
    )


def _disk(folder: Path) -> str:
    """The type of file system, where the system tells (/proc/mounts, see proc(5))."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return "an unknown file system"
    real = folder.resolve()
    kinds = {fields[1]: fields[2] for fields in map(str.split, mounts.read_text("utf-8").splitlines())}
    return next((kinds[str(place)] for place in (real, *real.parents) if str(place) in kinds), "an unknown file system")
