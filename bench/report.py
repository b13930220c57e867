"""The table: rows with their goals, as Markdown. A missed goal is printed as missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles

from bench.machine import Machine

HEAD = ("measure", "Closer", "beside it", "result", "goal", "")
MET = {True: "met", False: "**missed**", None: ""}
MARK = "<!-- Written by `make bench` from its own run. Do not edit by hand. -->"
HOW = """\
A *durable turn* is one event in, its state committed, its reply rendered: `Runtime.turn` as the platforms call it,
with encryption, `synchronous=FULL` and the write-ahead log, for people who asked to be remembered, answering the
exploration by buttons and starting it again when it ends. *Bare* is the least that such a turn could cost: Python's
own `sqlite3` updating one row of the same shape and size (`INSERT ... ON CONFLICT DO UPDATE`), committed with
`synchronous=FULL`, one at a time. *Cold* means that the session is not in the process's memory: it is read from the
database and decrypted first. Each number is the median of all runs; what is compared ran in turns (a-b-a-b) in the
same process, on the same disk. A *result* is the median of the runs' own ratios, so that what disturbs one run
disturbs both sides of it; it need not be the quotient of the two medians. aiogram and python-telegram-bot ask twelve
of the same questions with the same words, through a network that answers at once; Closer's turns do not include a
delivery, and theirs one that costs nothing but its preparation. aiogram's turn is two commits, one for the answer and one
for the state. *aiogram-sqlite-storage* is the storage that people install for it, as it comes: SQLite's own defaults
(a rollback journal, `synchronous=FULL`: as durable as Closer), pickled, on the loop's thread, nothing encrypted. The two
storages of our own, in a write-ahead log with `synchronous=FULL`, show what aiogram itself leaves possible; no goal
stands for them. python-telegram-bot's pickle is flushed, and not synced to the disk. *Nudges*: the bare file has the same
rows, and its two statements take 500 people whom nobody had to find; Closer reads whose moment has come, opens what is
sealed, and claims each for one process alone. What it decides beyond that, for each by their own clock, is in the row below
it. Both files are read once before, and both logs are empty when a round begins.
The jobs of others are daily ones; python-telegram-bot's are kept in memory, so that its load is that of every start, while
APScheduler's store is filled once. To fire them is to call a function that does nothing, and to set the next time. None of
this is a test: a missed goal is printed, and fails nothing.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the table. `met` None: no goal stands for it."""

    measure: str
    ours: str
    peer: str = ""
    result: str = ""
    goal: str = ""
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """What stands in the table, in the order of HEAD."""
        return (self.measure, self.ours, self.peer, self.result, self.goal, MET[self.met])


def under(measure: str, seconds: float, most: float) -> Row:
    """The line of what should take less than so many seconds, with nothing beside it."""
    shown = micros(seconds)
    return Row(measure=measure, ours=shown, result=shown, goal=f"under {micros(most)}", met=seconds < most)


def document(rows: Sequence[Row], machine: Machine, runs: int, day: datetime) -> str:
    """The whole page."""
    facts = f"{day:%Y-%m-%d}; {machine}; medians of {runs} runs."
    return f"{MARK}\n# Benchmarks\n\n{facts}\n\n{table(rows)}\n{HOW}"


def table(rows: Iterable[Row]) -> str:
    """Rows as a Markdown table."""
    lines = [HEAD, ("---",) * len(HEAD), *(row.cells() for row in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def beside(measure: str, peer: str, ours: Sequence[float], theirs: Sequence[float], goal: float | None) -> Row:
    """Our rates (turns a second, run by run) beside a peer's. The goal is how many times theirs ours should be."""
    result = ratio(ours, theirs)
    return Row(
        measure=measure,
        ours=per_second(median(ours)),
        peer=f"{peer}: {per_second(median(theirs))}",
        result=times(result),
        goal="" if goal is None else f"at least {goal:g}x",
        met=None if goal is None else result >= goal,
    )


def per_second(rate: float) -> str:
    """A rate, to three figures."""
    return f"{_figures(rate)} turns/s"


def micros(seconds: float) -> str:
    """A duration in microseconds, to three figures."""
    return f"{_figures(seconds * 1e6)} µs"


def both(runs: Sequence[Sequence[float]]) -> str:
    """The medians of these runs' medians and 99th percentiles, in microseconds."""
    return f"{micros(median(map(median, runs)))}, {micros(median(quantiles(run, n=100)[98] for run in runs))}"


def times(ratio: float) -> str:
    """A ratio."""
    return f"{ratio:.2f}x" if ratio < 10 else f"{ratio:.1f}x"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the runs' own ratios: what disturbed one run disturbed both sides of it."""
    return median(a / b for a, b in zip(ours, theirs, strict=True))


def _figures(value: float) -> str:
    return f"{float(f'{value:.3g}'):,.0f}"
