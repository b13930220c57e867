"""The registry of measures. Each is a module whose `measure` gives rows for the table, and runs in a process of its own."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import cast

from bench.plan import Plan
from bench.report import Row

# In the order of the table.
MEASURES = (
    "outstanding",
    "single",
    "crowd",
    "postgres",
    "frameworks",
    "telegram",
    "discord",
    "delivery",
    "nudges",
    "choosing",
    "pictures",
    "crisis",
    "start",
    "memory",
    "load",
)


def run(name: str, plan: Plan) -> list[Row]:
    """The rows of one measure. Only its own module is imported: another framework would be a burden on the rest."""
    module = import_module(f"bench.measures.{name}")
    return cast(list[Row], asyncio.run(module.measure(plan)))
