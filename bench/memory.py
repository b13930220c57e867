"""What this process has resident, as the system counts it (proc(5)); 0 where the system does not tell."""

from __future__ import annotations

import re
from pathlib import Path

STATUS = Path("/proc/self/status")
SIZE = re.compile(r"^VmRSS:\s+(\d+) kB$", re.MULTILINE)


def resident() -> float:
    """MiB."""
    found = SIZE.search(STATUS.read_text("ascii")) if STATUS.exists() else None
    return int(found[1]) / 1024 if found else 0.0
