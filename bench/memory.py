"""What a process has resident, as the system counts it (proc(5)); 0 where the system does not tell."""

from __future__ import annotations

import re
from pathlib import Path

SIZE = re.compile(r"^VmRSS:\s+(\d+) kB$", re.MULTILINE)


def resident(process: int | str = "self") -> float:
    """MiB of this process, or of the one with that number."""
    status = Path(f"/proc/{process}/status")
    found = SIZE.search(status.read_text("ascii")) if status.exists() else None
    return int(found[1]) / 1024 if found else 0.0
