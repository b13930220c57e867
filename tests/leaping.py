"""A loop whose time is the test's own: it never waits, and a minute of patience takes no time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from bench.leaping import Leaping


def leap(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=Leaping) as runner:
        runner.run(work())
