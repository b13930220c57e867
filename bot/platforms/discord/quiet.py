"""What discord.py logs, without what it says: its messages hold addresses with ids and tokens in them."""

from __future__ import annotations

import logging

from bot.log import log


class _Hushed(logging.Handler):
    """Passes on that something was logged, and where in the library; never the message."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line of our own log instead."""
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        log("error" if record.levelno >= logging.ERROR else "warning", "discord_library", part=record.name, kind=kind)


def hush() -> None:
    """See that nothing of discord.py's own reaches any other log. A second time changes nothing."""
    logger = logging.getLogger("discord")
    logger.propagate = False
    if not any(isinstance(handler, _Hushed) for handler in logger.handlers):
        logger.addHandler(_Hushed(level=logging.WARNING))
