"""The exploration: which question is asked when, and where the answers lead.

The questions, their order and their weights are the pack's; this file only turns them into a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from bot.content.model import Choice, Pack, Question
from bot.content.scoring import REMEMBERED, Score
from bot.conversation.dialog import END, Branch, Dialog, One, Option, Several, Step, Tell, View, Write
from bot.conversation.effects import TOLD, Effect, Fresh, Mark
from bot.conversation.facts import NUDGES, PROGRESS
from bot.conversation.replay import Trail
from bot.conversation.replies import Say, Words
from bot.handlers.nudging import followed
from bot.handlers.result import KEPT, Result
from bot.handlers.review import answered
from bot.handlers.steps import chosen

USUALLY_DEEPER = 2


class Route:
    """Which question comes next, and about how many there are."""

    def __init__(self, pack: Pack, score: Score) -> None:
        self.pack, self.score = pack, score
        self.questions = {q.id: q for q in pack.questions}
        self.deep = frozenset(q.id for q in pack.questions if q.ask == "deep")
        self.short = tuple(q for q in pack.questions if q.short)
        self.broad = frozenset(q.id for q in pack.questions if q.ask == "broad")
        # Each question on the way is looked for and then shown; and many people stand where others stood before.
        self._known = lru_cache(maxsize=REMEMBERED)(self._found)
        self._last: tuple[Trail, bool, tuple[str, int, int]] = ((), False, ("", 0, 0))

    def next(self, view: View) -> str:
        """The first question on this person's way that was not asked yet; `arrive` after the last."""
        return self._place(view)[0]

    def progress(self, view: View) -> tuple[int, int]:
        """(number of the question on screen, about how many there will be)."""
        _, number, about = self._place(view)
        return number, about

    def _place(self, view: View) -> tuple[str, int, int]:
        trail, quick = view.trail, view.marks.get("depth") == "quick"
        known, as_quick, place = self._last
        if trail is not known or quick is not as_quick or not trail:
            asked = tuple([name for name, _ in trail])
            place = self._known(asked, None if quick else self.score.deeper(trail))
            self._last = (trail, quick, place)
        return place

    def _found(self, trail: tuple[str, ...], deeper: tuple[str, ...] | None) -> tuple[str, int, int]:
        """The next question, its number and about how many, after these steps. `deeper` None: the short way."""
        asked = [name for name in trail if name in self.questions]
        answered = set(asked)
        left = [q.id for q in self._on_the_way(deeper) if q.id not in answered]
        more = 0
        if deeper is not None and not answered >= self.broad:
            # Until the broad ones are answered, expect two needs to be looked at more closely, two questions each.
            more = 2 * max(0, USUALLY_DEEPER - len(deeper))
        return left[0] if left else "arrive", len(asked) + 1, max(len(asked) + len(left) + more, len(asked) + 1)

    def _on_the_way(self, deeper: tuple[str, ...] | None) -> Sequence[Question]:
        if deeper is None:
            return self.short
        return [q for q in self.pack.questions if q.ask != "deep" or q.need in deeper]


def dialog(pack: Pack, score: Score) -> Dialog:
    """The exploration of this pack."""
    route, result = Route(pack, score), Result(pack, score)
    return Dialog(
        name="why",
        gated=True,
        resume="resume/ask",
        review="review",
        anchor="arrive",
        entries=("lonely",),
        table=(
            One(name="start", words="why.start", options=_BEGINNINGS),
            Branch(name="next", words="", decide=route.next, targets=(*route.questions, "arrive")),
            *(_question(pack, q, route) for q in pack.questions),
            One(
                name="safe_help",
                words="why.safe_help",
                card="abuse",
                options=(Option("on", "next"), Option("more", "safety/abuse")),
            ),
            _lonely(pack),
            _taken(pack),
            *_ending(pack, result),
            One(name="review", words="why.review", options=answered(_names(pack)), targets=tuple(route.questions)),
        ),
    )


def _ending(pack: Pack, result: Result) -> tuple[Step, ...]:
    """From the result to the door."""
    follow = followed(result)
    needs = tuple(f"needs/{need.id}_{page}" for need in pack.needs for page in ("what", "steps"))
    return (
        Tell(name="arrive", words="why.arrive", says=result.arriving, effects=result.drawing, to="result"),
        One(
            name="result",
            words="why.result",
            options=result.options,
            targets=(*needs, "needs/menu", "lonely", "next", "adjust", "privacy/ask", "progress/page", "arrive", "leave"),
        ),
        One(
            name="adjust",
            words="why.adjust",
            says=result.adjusting,
            options=result.adjustments,
            targets=("adjust", "arrive"),
        ),
        Tell(
            name="leave",
            words="why.leave",
            says=result.leaving,
            effects=lambda view: (*result.keeping(view), *follow(view)),
            to="farewell",
        ),
        One(
            name="farewell",
            words="why.farewell",
            options=_farewell,
            targets=("needs/menu", "privacy/ask", "nudging/door", "checkin/", "therapy/menu", "bye"),
        ),
        Tell(name="bye", words="", says=lambda view: (Say("why.bye", nth=view.facts.now.minute),), to=END),
    )


def _taken(pack: Pack) -> One:
    """The step that somebody just lonely chose."""
    return One(
        name="taken",
        words="why.taken",
        says=lambda view: (Say("needs.taken.text", {"step": chosen(pack, view) or Words("why.lonely.text")}),),
        options=(Option("done", "bye"), Option("another", "lonely"), Option("questions", "next")),
    )


def resume(pack: Pack, score: Score) -> Dialog:
    """Ask whether to go on where the person was, or to start over."""
    route = Route(pack, score)

    def says(view: View) -> tuple[Say, ...]:
        frame = view.frames.get("why")
        if frame is None or frame.step not in route.questions:
            return (Say("resume.ask.text"),)
        # The number, not the question: others may be looking when a conversation is opened.
        number, about = route.progress(View(view.frames, view.marks, frame.trail, view.facts))
        return (Say("resume.ask.question", {"number": number, "about": about}),)

    over = (Fresh("why"), Mark("depth", ""), Mark("step", ""))
    options = (Option("on", END), Option("over", "why/start", effects=over))
    return Dialog(
        name="resume",
        passing=True,
        gated=True,
        table=(One(name="ask", words="resume.ask", says=says, options=options),),
    )


_BEGINNINGS = (
    Option("full", "next", effects=(Mark("depth", ""), Mark(KEPT, ""))),
    Option("quick", "next", effects=(Mark("depth", "quick"), Mark(KEPT, ""))),
    Option("lonely", "lonely"),
    Option("look", "needs/menu"),
)


def _question(pack: Pack, question: Question, route: Route) -> Step:
    words = f"{pack.name}.questions.{question.id}"
    asked = (Say(f"{words}.text"), *((Say("why.several"),) if question.kind == "several" else ()))

    def says(view: View) -> tuple[Say, ...]:
        if view.frames["why"].revisit:
            return (Say("why.changing"), *asked)
        number, about = route.progress(view)
        first_deep = question.ask == "deep" and not route.deep.intersection(view.answers)
        return (
            *((Say("why.closer"),) if first_deep else ()),
            Say("why.progress", {"number": number, "about": about}),
            *asked,
        )

    if question.kind == "words":
        return Write(name=question.id, words=words, says=says, to="next", question=True, skip=True)
    kind = Several if question.kind == "several" else One
    options = tuple(_option(words, choice) for choice in question.choices)
    return kind(name=question.id, words=words, says=says, options=options, to="next", question=True, skip=True)


def _option(words: str, choice: Choice) -> Option:
    effects: tuple[Effect, ...] = ()
    if choice.unsafe is not None:
        effects = (Mark("unsafe", "1" if choice.unsafe else "", unless=TOLD),)
    # After a worrying answer help comes first.
    return Option(
        choice.id,
        "safe_help" if choice.unsafe else "",
        effects=effects,
        alone=choice.alone,
        reply=Say(f"{words}.reply.{choice.id}") if choice.reply else None,
    )


def _lonely(pack: Pack) -> One:
    """Straight to one small step: the easiest ones against loneliness, then those for belonging, one at a time."""
    offers = [(need, step.id) for need in ("emotional", "belonging") for step in pack.need(need).steps if step.effort == 1]

    def current(view: View) -> tuple[int, str, str]:
        shown = view.answers.get("lonely")
        place = int(shown) % len(offers) if isinstance(shown, str) and shown.isdecimal() else 0
        return (place, *offers[place])

    def says(view: View) -> tuple[Say, ...]:
        _, need, step = current(view)
        return (Say("why.lonely.text"), Say(f"{pack.name}.needs.{need}.steps.{step}.text"))

    def options(view: View) -> tuple[Option, ...]:
        place, need, step = current(view)
        return (
            Option("take", "taken", effects=(Mark("step", f"{need}.{step}"),)),
            Option("another", "lonely", note=str(place + 1)),
            Option("questions", "next", effects=(Mark("depth", ""),)),
        )

    return One(name="lonely", words="why.lonely", says=says, options=options, targets=("taken", "lonely", "next"))


def _farewell(view: View) -> tuple[Option, ...]:
    remember = () if view.facts.consent(PROGRESS) else (Option("remember", "privacy/ask"),)
    nudges = (Option("nudges", "nudging/door"),) if view.facts.reaches and not view.facts.consent(NUDGES) else ()
    more = (Option("checkin", "checkin/"), Option("therapy", "therapy/menu"), Option("done", "bye"))
    return (Option("needs", "needs/menu"), *remember, *nudges, *more)


def _names(pack: Pack) -> dict[str, str]:
    return {q.id: f"{pack.name}.questions.{q.id}.name" for q in pack.questions}
