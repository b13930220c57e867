"""One person's place in the conversation: a value, and its packing into plain values and back.

Everything that a prompt needs is here. Nothing here is a sentence, a name or a platform id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

FORMAT = 1
RECENT = 16
LONGEST_TRAIL = 48
SKIPPED = ""

Answer: TypeAlias = "str | tuple[str, ...]"


class UnreadableSession(ValueError):
    """The bytes are no session of this version. The remedy is to start the conversation again."""


class Frame(NamedTuple):
    """The place in one dialog: the step on screen, and the way there as (step, answer) pairs, oldest first.

    `picked` holds the ticks of a pick-several question not yet sent off; `revisit` is the step to which a
    person returns who is changing an earlier answer. A tuple, because each turn makes several of them: a third of the time.
    """

    dialog: str
    step: str
    trail: tuple[tuple[str, Answer], ...] = ()
    picked: tuple[str, ...] = ()
    revisit: str = ""

    def answered(self, answer: Answer) -> Frame:
        """This frame with an answer to the step on screen at the end of its trail.

        Who goes round in circles does not make the trail grow for ever: passages that were repeated later make room.
        """
        trail = (*self.trail, (self.step, answer))
        if len(trail) > LONGEST_TRAIL:
            later = [step for step, _ in trail]
            oldest = next((n for n, step in enumerate(later) if step in later[n + 1 :]), None)
            if oldest is not None:
                trail = trail[:oldest] + trail[oldest + 1 :]
        return Frame(self.dialog, self.step, trail, self.picked, self.revisit)

    def at(self, step: str) -> Frame:
        """This frame with another step on screen."""
        return Frame(self.dialog, step, self.trail)

    @property
    def answers(self) -> dict[str, Answer]:
        """The latest answer to each step on the way here, skipped ones included."""
        return dict(self.trail)


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """`frames` by dialog; `open` is the pile of dialogs on the table, the topmost last.

    `said` counts the uses of recurring lines; `marks` are small facts (see effects.Mark); times are epoch seconds.
    `whole`: made by a turn of this very program, whose dialogs know all of its places.
    """

    turn: int = 1
    frames: Mapping[str, Frame] = field(default_factory=dict)
    open: tuple[str, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, int] = field(default_factory=dict)
    recent: tuple[str, ...] = ()
    seen_at: int = 0
    noticed_at: int = 0
    used: int = 0
    whole: bool = field(default=False, compare=False)


def pack_session(session: Session) -> list[Any]:
    """The session as plain JSON values."""
    return [
        FORMAT,
        session.turn,
        [[*frame] for frame in session.frames.values()],
        session.open,
        session.marks,
        session.said,
        session.recent,
        session.seen_at,
        session.noticed_at,
        session.used,
    ]


def unpack_session(values: Any) -> Session:
    """The session that was packed. Raises UnreadableSession for anything else."""
    try:
        version, turn, frames, opened, marks, said, recent, seen_at, noticed_at, used = values
        if version != FORMAT:
            raise UnreadableSession(f"session format {version} is not {FORMAT}")
        return Session(
            turn=turn,
            frames={row[0]: _frame(row) for row in frames},
            open=tuple(opened),
            marks=marks,
            said=said,
            recent=tuple(recent),
            seen_at=seen_at,
            noticed_at=noticed_at,
            used=used,
        )
    except UnreadableSession:
        raise
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise UnreadableSession("these values hold no session") from error


def _frame(row: list[Any]) -> Frame:
    dialog, step, trail, picked, revisit = row
    return Frame(
        dialog=dialog,
        step=step,
        trail=tuple((name, tuple(answer) if isinstance(answer, list) else answer) for name, answer in trail),
        picked=tuple(picked),
        revisit=revisit,
    )
