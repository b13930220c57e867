"""From starting `closer chat` on an existing database to its first line, and the memory that it takes up."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.child import apart
from bench.crowd import fill, halfway_session
from bench.ours import closer, database, key_file
from bench.plan import Plan
from bench.report import Row
from bench.walk import Person

STORED = 1_000
USER = "you"
# Typed as a person types: the reader, the safety check and the help pages all run.
LINES = ("on", "2", "I am not sure what you mean", "3", "help", "/about", "/privacy", "back", "1", "skip", "4", "/needs", "1")
QUIET = ("CLOSER_", "DATABASE_URL", "SESSION_HOURS", "MEMORY_SESSIONS", "CACHED_SESSIONS", "CONTENT_DIR", "LOG_LEVEL")
MOST_SECONDS = 0.5
MOST_MIB = 70
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """One start: seconds to the first line; peak MiB there and after talking (0 where the system does not tell)."""

    seconds: float
    first: float
    talked: float


async def measure(plan: Plan) -> list[Row]:
    """The database holds a thousand people and the one who comes back, who answered half of the questions."""
    folder = plan.place("ours")
    session, _ = await halfway_session(plan.place("model"))
    apart(fill, folder, STORED, session)
    async with closer(folder) as runtime:
        person = Person(runtime, USER)
        await person.meet()
        await person.remember()
        for _ in range(8):
            await person.turn()
    starts = [_start(folder) for _ in range(plan.runs + 1)][1:]
    return _rows(starts)


def _start(folder: Path) -> Start:
    command = [sys.executable, "-m", "bot", "chat", "--db", str(database(folder)), "--user", USER]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(QUIET)}
    environment |= {"CLOSER_KEY_FILE": str(key_file(folder)), "PYTHONPATH": str(Path(__file__).parents[2])}
    begun = perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder, env=environment
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("no pipes were made: run the benchmarks on a system that has them")
        line = process.stdout.readline()
        seconds = perf_counter() - begun
        if not line:
            raise RuntimeError("`closer chat` said nothing: run it by hand to see why")
        first = _peak(process.pid)
        talked = max(first, *_talk(process, LINES))
        process.stdin.close()
        process.stdout.read()
    return Start(seconds=seconds, first=first, talked=talked)


def _talk(process: subprocess.Popen[str], lines: Sequence[str]) -> list[float]:
    """The peak after each answer. A line is answered when something new can be read."""
    peaks = []
    for line in lines:
        process.stdin.write(f"{line}\n")  # type: ignore[union-attr]  # checked by the caller
        process.stdin.flush()  # type: ignore[union-attr]
        os.read(process.stdout.fileno(), 65536)  # type: ignore[union-attr]
        peaks.append(_peak(process.pid))
    return peaks


def _peak(process: int) -> float:
    """The most memory that the process ever had resident, in MiB (VmHWM of proc(5))."""
    status = Path(f"/proc/{process}/status")
    found = PEAK.search(status.read_text("ascii")) if status.exists() else None
    return int(found[1]) / 1024 if found else 0.0


def _rows(starts: list[Start]) -> list[Row]:
    seconds = median(start.seconds for start in starts)
    rows = [
        Row(
            measure="`closer chat` on an existing database, to its first line",
            ours=f"{seconds * 1000:.0f} ms",
            result=f"{seconds * 1000:.0f} ms",
            goal=f"at most {MOST_SECONDS * 1000:.0f} ms",
            met=seconds <= MOST_SECONDS,
        )
    ]
    for name, sizes in (("at its first line", [s.first for s in starts]), ("after talking", [s.talked for s in starts])):
        mib = median(sizes)
        known = mib > 0
        rows.append(
            Row(
                measure=f"its memory, peak resident {name}",
                ours=f"{mib:.0f} MiB" if known else "unknown on this system",
                result=f"{mib:.0f} MiB" if known else "",
                goal=f"at most {MOST_MIB} MiB",
                met=mib <= MOST_MIB if known else None,
            )
        )
    return rows
