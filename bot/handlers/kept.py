"""What a person kept, as dialogs look at it: read from the stored paper, and told in a line each. Old content never fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.content.instruments import DIRECT, UCLA3
from bot.content.model import Pack
from bot.conversation.dialog import View
from bot.conversation.effects import CHECKIN, purpose_of
from bot.conversation.facts import ENTRIES
from bot.conversation.replies import Quote, Say, Words
from bot.nudges.compose import Shelf

EXPLORATION, NUDGE, REFLECTION = "exploration", "nudge", "reflection"
QUOTED = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """One thing that was kept. `at` is aware."""

    id: str
    kind: str
    at: datetime
    content: Mapping[str, Any]


def kept(view: View, *kinds: str) -> tuple[Kept, ...]:
    """What this person kept of these kinds (none named: of all), the oldest first. May raise Wanted."""
    if not any(view.facts.consent(purpose_of(kind)) for kind in (kinds or (EXPLORATION, CHECKIN))):
        return ()
    paper = view.facts.paper(ENTRIES) or {}
    found = (_read(entry) for entry in paper.get("entries") or ())
    return tuple(each for each in found if not kinds or each.kind in kinds)


def score_of(entry: Kept) -> int | None:
    """The sum of a check-in; None where it has none, or was taken with another version of the questions."""
    content = entry.content
    same = (content.get("instrument"), content.get("version")) == (UCLA3.id, UCLA3.version)
    score = content.get("score")
    return score if same and isinstance(score, int) and UCLA3.least <= score <= UCLA3.most else None


def shares_of(entry: Kept) -> Mapping[str, float]:
    """How strongly each need spoke in an exploration."""
    shares = entry.content.get("shares")
    return {need: float(share) for need, share in shares.items()} if isinstance(shares, Mapping) else {}


class Telling:
    """Puts what was kept into words, as far as there still are words for it."""

    def __init__(self, pack: Pack, shelf: Callable[[], Shelf]) -> None:
        self._pack, self._shelf = pack, shelf
        self._needs = frozenset(need.id for need in pack.needs)
        self._ways = {EXPLORATION: self.result, CHECKIN: _checkin, NUDGE: self.idea, REFLECTION: _reflection}

    def told(self, entry: Kept) -> Say:
        """One entry in a line."""
        return self._ways.get(entry.kind, _other)(entry)

    def result(self, entry: Kept) -> Say:
        """The needs of an exploration, in their order."""
        needs = tuple(self.name(need) for need in entry.content.get("needs") or () if need in self._needs)
        return Say("progress.told.result", {"needs": needs}) if needs else Say("progress.told.no_result")

    def idea(self, entry: Kept) -> Say:
        """A daily idea that was done."""
        nudge = entry.content.get("nudge")
        if nudge not in self._shelf():
            return Say("progress.told.old_idea")
        return Say("progress.told.idea", {"idea": Words(f"{self._pack.name}.nudges.{nudge}.text")})

    def name(self, need: str) -> Words:
        """What a need is called."""
        return Words(f"{self._pack.name}.needs.{need}.name")


def _checkin(entry: Kept) -> Say:
    direct = entry.content.get("direct")
    if direct not in DIRECT:
        return Say("progress.told.checkin")
    return Say("progress.told.lonely", {"answer": Words(f"checkin.direct.options.{direct}")})


def _reflection(entry: Kept) -> Say:
    words = str(entry.content.get("words") or "")
    return Say("progress.told.words", {"words": Quote(words[:QUOTED] + "…" * (len(words) > QUOTED))})


def _other(_: Kept) -> Say:
    return Say("progress.told.other")


def _read(entry: Mapping[str, Any]) -> Kept:
    return Kept(id=entry["id"], kind=entry["kind"], at=datetime.fromisoformat(entry["at"]), content=entry["content"])
