"""What the answers may mean, said as possibilities: the ranking, its reasons, and the person's own corrections to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from zlib import crc32

from bot.content.model import Pack
from bot.content.scoring import Answer, Score, Standing
from bot.conversation.dialog import Option, View
from bot.conversation.effects import Drop, Effect, Keep, Mark
from bot.conversation.facts import PROGRESS
from bot.conversation.replies import Bar, Lines, Quote, Say, Words
from bot.conversation.session import Frame
from bot.handlers.charts import Charts
from bot.handlers.kept import EXPLORATION, kept
from bot.handlers.steps import chosen

MOST_REASONS = 3
MOST_READ = 3
QUOTED = 200
# The mark of what was last kept of this exploration, empty where nothing was.
KEPT = "kept"
# The steps of the exploration at which there is a result.
AFTER = ("arrive", "result", "adjust", "leave", "farewell", "review")


class Result:
    """The result of one pack's exploration, as its dialog's steps show it."""

    def __init__(self, pack: Pack, score: Score) -> None:
        self.pack, self.score = pack, score
        self.charts = Charts(pack)
        self.questions = frozenset(q.id for q in pack.questions)
        self.long = frozenset(q.id for q in pack.questions if not q.short)

    # -- what it is -----------------------------------------------------------------------------------------------

    def alive(self, frames: Mapping[str, Frame]) -> tuple[str, ...]:
        """The needs that stand in the result, in the person's own order; empty where there is no result yet."""
        frame = frames.get("why")
        return () if frame is None or frame.step not in AFTER else self._ranked(frame.answers)

    def _ranked(self, answers: Mapping[str, Answer]) -> tuple[str, ...]:
        """The needs in the order that the person gave them, or else by what their answers add up to."""
        alive = self.score.alive(answers.items())
        order, dropped = _corrections(answers.get("adjust"))
        return (*order, *(need for need in alive if need not in order and need not in dropped))

    def _first_look(self, answers: Mapping[str, Answer]) -> bool:
        return not any(name in self.long for name in answers)

    # -- the result itself ----------------------------------------------------------------------------------------

    def arriving(self, view: View) -> tuple[Say, ...]:
        """The result: what stands out, bars for all, and each with its reasons in the person's own answers."""
        needs = self._ranked(view.answers)
        standings = {s.need: s for s in self.score.standings(view.answers)}
        first_look = self._first_look(view.answers)
        corrected = isinstance(view.answers.get("adjust"), str)
        head = "yours" if corrected else "first_look" if first_look else "full"
        says = [Say(f"why.result.{head}", keep=True), self._bars(needs, standings, 3 if first_look else 5)]
        says += [self._reasoned(need, standings[need]) for need in needs]
        if not needs:
            says.append(Say("why.result.none", keep=True))
        own = view.answers.get("own")
        if isinstance(own, str) and own:
            says.append(Say("why.result.own", {"words": Quote(own[:QUOTED] + "…" * (len(own) > QUOTED))}, keep=True))
        says.append(Say("why.result.limits", keep=True))
        return tuple(says)

    def _bars(self, needs: tuple[str, ...], standings: Mapping[str, Standing], parts: int) -> Say:
        """A bar for each need; a first look, from one answer a need, has fewer parts."""
        rows = tuple(
            Say("why.result.bar", {"bar": Bar(round(share * parts), parts), "need": self._name(need)})
            for need, share in _shown(needs, standings).items()
        )
        return Say("why.result.bars", {"bars": Lines(rows)}, keep=True)

    def drawing(self, view: View) -> tuple[Effect, ...]:
        """The same bars as a picture."""
        standings = {s.need: s for s in self.score.standings(view.answers)}
        return self.charts.profile(_shown(self._ranked(view.answers), standings))

    def _reasoned(self, need: str, standing: Standing) -> Say:
        maybe = Words(f"{self.pack.name}.needs.{need}.maybe")
        if not standing.reasons:
            return Say("why.result.added", {"maybe": maybe}, keep=True)
        reasons = tuple(Words(f"{self.pack.name}.questions.{q}.said.{c}") for q, c in standing.reasons[:MOST_REASONS])
        return Say("why.result.because", {"maybe": maybe, "reasons": reasons}, keep=True)

    def options(self, view: View) -> tuple[Option, ...]:
        """What to do with it."""
        needs = self._ranked(view.answers)
        rows = [
            Option(f"read_{n}", f"needs/{n}_what", label=Say("why.result.read", {"need": self._name(n)}))
            for n in needs[:MOST_READ]
        ]
        if not needs:
            rows.append(Option("look", "needs/menu"))
        rows.append(Option("step", f"needs/{needs[0]}_steps" if needs else "lonely"))
        if self._first_look(view.answers):
            rows.append(Option("deeper", "next", effects=(Mark("depth", ""),)))
        rows.append(Option("adjust", "adjust"))
        remembered = view.facts.consent(PROGRESS) is not None
        rows.append(Option("progress", "progress/page") if remembered else Option("remember", "privacy/ask"))
        # Nobody has to guess what stands in their progress: the end is what keeps a result, and says so.
        last = view.marks.get(KEPT)
        keeps = remembered and (not last or last != _digest(self._content(view)))
        end = Option("leave", "leave", label=Say("why.result.leave_keeping") if keeps else None)
        return (*rows, Option("again", "arrive"), end)

    # -- the person's corrections ---------------------------------------------------------------------------------

    def adjusting(self, view: View) -> tuple[Say, ...]:
        """The ranking as it stands, to be put right."""
        needs = self._ranked(view.answers)
        if not needs:
            return (Say("why.adjust.empty"),)
        return (Say("why.adjust.text", {"needs": self.listed(needs)}),)

    def listed(self, needs: tuple[str, ...]) -> Lines:
        """These needs in order, one to a line."""
        return Lines(tuple(Say("why.adjust.row", {"place": n, "need": self._name(need)}) for n, need in enumerate(needs, 1)))

    def adjustments(self, view: View) -> tuple[Option, ...]:
        """Put first, leave out, add."""
        needs = self._ranked(view.answers)
        # Also for the one that is first: a need's bare name then means no single correction, and is asked about.
        orders = {f"first_{n}": (n, *(m for m in needs if m != n)) for n in needs}
        orders |= {f"drop_{n}": tuple(m for m in needs if m != n) for n in needs}
        orders |= {f"add_{n.id}": (*needs, n.id) for n in self.pack.needs if n.id not in needs}
        # The trail keeps the whole order that a correction leads to, so that only the last one counts.
        rows = tuple(
            Option(
                key,
                "adjust",
                also=f"why.adjust.also.{key.partition('_')[0]}",
                label=self._label(key),
                note=self._noted(order, view.answers),
            )
            for key, order in orders.items()
        )
        return (*rows, Option("done", "arrive", note=self._noted(needs, view.answers)))

    def _label(self, key: str) -> Say:
        act, _, need = key.partition("_")
        return Say(f"why.adjust.{act}", {"need": self._name(need)})

    def _noted(self, order: tuple[str, ...], answers: Mapping[str, Answer]) -> str:
        """The person's order, and what they left out although their answers spoke for it."""
        alive = self.score.alive(answers.items())
        return f"{','.join(order)}|{','.join(need for need in alive if need not in order)}"

    # -- leaving with something -----------------------------------------------------------------------------------

    def leaving(self, view: View) -> tuple[Say, ...]:
        """The takeaway, the step chosen for today if there is one, and what comes next."""
        step = chosen(self.pack, view)
        return (
            Say(f"{self.pack.name}.intro.takeaway.text", keep=True),
            Say("why.leave.step", {"step": step}, keep=True) if step else Say("why.leave.no_step", keep=True),
            Say("why.leave.next" if step else "why.leave.next_time", keep=True),
            Say(f"{self.pack.name}.intro.limits.text", keep=True),
        )

    def keeping(self, view: View) -> tuple[Effect, ...]:
        """What is worth keeping of this exploration, for people who asked for it: its last result takes the place of the one
        before.
        """
        if view.facts.consent(PROGRESS) is None:
            return ()
        content = self._content(view)
        digest, before = _digest(content), view.marks.get(KEPT)
        if before == digest:
            return ()
        # What the person deleted meanwhile is not there any more, and those before it are other explorations.
        replaced = (each for each in kept(view, EXPLORATION) if _digest(each.content) == before) if before else ()
        return (*(Drop(each.id) for each in replaced if each.id), Keep(EXPLORATION, content), Mark(KEPT, digest))

    def _content(self, view: View) -> dict[str, Any]:
        return {
            "pack": self.pack.name,
            "version": self.pack.version,
            "answers": {name: answer for name, answer in view.answers.items() if name in self.questions},
            "shares": {s.need: round(s.share, 3) for s in self.score.standings(view.answers)},
            "needs": list(self._ranked(view.answers)),
            "step": view.marks.get("step", ""),
        }

    def keeping_after_all(self, view: View) -> tuple[Effect, ...]:
        """The same, where the yes to it comes when there is a result already."""
        frame = view.frames.get("why")
        if frame is None or not (frame.step in AFTER or any(step == "result" for step, _ in frame.trail)):
            return ()
        return self.keeping(View(view.frames, view.marks, frame.trail, view.facts))

    def _name(self, need: str) -> Words:
        return Words(f"{self.pack.name}.needs.{need}.name")


def _digest(content: Mapping[str, Any]) -> str:
    """The same for the same content, also once it was stored and read."""
    return f"{crc32(json.dumps(content, sort_keys=True).encode()):x}"


def _shown(needs: tuple[str, ...], standings: Mapping[str, Standing]) -> dict[str, float]:
    """The share of each need that has a bar: those of the result, then those that did not make it into one by themselves."""
    rest = (s.need for s in standings.values() if s.need not in needs and not s.alive)
    return {need: standings[need].share for need in (*needs, *rest)}


def _corrections(note: Answer | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The needs in the person's own order, and those that they left out; nothing where they corrected nothing."""
    if not isinstance(note, str) or "|" not in note:
        return (), ()
    order, _, dropped = note.partition("|")
    return tuple(order.split(",")) if order else (), tuple(dropped.split(","))
