"""When to say again that this is a program: a day after the last time, and after three hours of use.

New York General Business Law §1702 asks for it at the start (not oftener than once a day) and at least every three hours.
"""

from __future__ import annotations

from bot.conversation.session import Session

DAY = 24 * 3600
USE = 3 * 3600
PAUSE = 30 * 60


def ticked(session: Session, now: int) -> tuple[int, int, bool]:
    """When the notice was last given, the seconds of use since, and whether it is due, at `now` (epoch seconds).

    Time between two events counts as use unless the person was away for half an hour or more.
    """
    gap = max(0, now - session.seen_at)
    used = session.used + gap if gap < PAUSE else session.used
    if now - session.noticed_at >= DAY or used >= USE:
        return now, 0, True
    return session.noticed_at, used, False
