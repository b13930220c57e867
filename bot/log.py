"""Structured logs of what the program does, never of what people say: no text, answer, name or platform id.

structlog is imported when the first line is written, since most conversations write none.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal

Level = Literal["debug", "info", "warning", "error"]

_threshold = logging.WARNING
_logger: Any = None


def configure(level: str) -> None:
    """Write from this level on, to standard error. Raises KeyError for an unknown level."""
    global _threshold, _logger  # noqa: PLW0603  # one process, one log
    _threshold = logging.getLevelNamesMapping()[level]
    _logger = None


def log(level: Level, event: str, **values: str | float | bool) -> None:
    """One line. `event` is a constant name; values are kinds, counts and durations."""
    if logging.getLevelNamesMapping()[level.upper()] < _threshold:
        return
    getattr(_bound(), level)(event, **values)


def _bound() -> Any:
    global _logger  # noqa: PLW0603  # built once, at the first line
    if _logger is None:
        import structlog  # noqa: PLC0415  # heavy, see above

        _logger = structlog.wrap_logger(
            structlog.WriteLogger(sys.stderr),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(),
            ],
        )
    return _logger
