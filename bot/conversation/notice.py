"""When to say again that this is a program: a day after the last time, and after three hours of use, with a word on a break.

New York General Business Law §1702 asks for the notice at the start (not oftener than once a day) and at least every three
hours; California SB 243 asks for a break at that time, for minors.
"""

from __future__ import annotations

from bot.conversation.session import Session

DAY = 24 * 3600
USE = 3 * 3600
PAUSE = 30 * 60


DAILY = ("lines.notice",)
LONG = ("lines.notice", "lines.break")


def ticked(session: Session, now: int) -> tuple[int, int, tuple[str, ...]]:
    """When the notice was last given, the seconds of use since, and the lines that are due, at `now` (epoch seconds).

    Time between two events counts as use unless the person was away for half an hour or more.
    """
    gap = max(0, now - session.seen_at)
    used = session.used + gap if gap < PAUSE else session.used
    if used >= USE:
        return now, 0, LONG
    if now - session.noticed_at >= DAY:
        return now, 0, DAILY
    return session.noticed_at, used, ()
