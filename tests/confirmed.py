"""The shipped helplines as they would stand after somebody confirmed every one of them: for tests alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import yaml

from bot.content.helplines import FILE
from bot.content.loader import ROOT
from bot.content.model import Helplines

READ_ON = date(2026, 11, 1)


def lines() -> Helplines:
    """All of them as values."""
    return Helplines.model_validate(yaml.safe_load(_text()))


def written(folder: Path) -> Path:
    """The same as an operator's own file."""
    path = folder / "confirmed.yaml"
    path.write_text(_text(), "utf-8")
    return path


def _text() -> str:
    text = (ROOT / FILE).read_text("utf-8").replace("verified_on: null", f"verified_on: {READ_ON}")
    return text.replace("status: unconfirmed", "status: confirmed")
