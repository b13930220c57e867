"""What the tests of Telegram share: the words, read once, and an ear for the log."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.content.library import Library, load
from bot.content.loader import ROOT
from bot.log import configure

Logged = Callable[[], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def library() -> Library:
    return load(Path(ROOT))


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Logged]:
    """What was logged since the last call, every level of it."""
    configure("DEBUG")
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    configure("WARNING")
