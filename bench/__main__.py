"""`python -m bench`: run the measures, print the table, write it as a page. The exit code is 0 whether goals are met or not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.child import apart
from bench.machine import this_machine
from bench.measures import MEASURES, run
from bench.plan import Plan
from bench.report import Row, document, table

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for. A page is written where everything ran, or where one was named."""
    options = _parser().parse_args(arguments)
    rows: list[Row] = []
    for name in [options.only] if options.only else MEASURES:
        begun = datetime.now(UTC)
        rows += _measured(name, options.runs, options.people)
        print(f"{name}: {(datetime.now(UTC) - begun).total_seconds():.0f} s", file=sys.stderr)
    print(table(rows), end="")
    page = options.page or (None if options.only else PAGE)
    if page is not None:
        with TemporaryDirectory() as folder:
            machine = this_machine(Path(folder))
        page.write_text(document(rows, machine, options.runs, datetime.now(UTC)), "utf-8")
    return 0


def _measured(name: str, runs: int, people: int) -> list[Row]:
    with TemporaryDirectory(prefix="closer-bench-") as folder:
        return apart(run, name, Plan(folder=Path(folder), runs=runs, people=people))


def _from(least: int) -> Callable[[str], int]:
    """A whole number, `least` or more."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from {least}")
        return int(text)

    return read


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Closer's speed beside others.")
    parser.add_argument("--only", choices=MEASURES, help="run this measure alone, and write no page")
    parser.add_argument("--people", type=_from(1_000), default=1_000_000, metavar="N", help="how many people count as many")
    parser.add_argument("--runs", type=_from(1), default=5, metavar="N", help="take medians of so many runs")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the page here")
    return parser


if __name__ == "__main__":
    sys.exit(main())
