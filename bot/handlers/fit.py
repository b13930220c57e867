"""Which therapy may fit, if any: a few questions, then suggestions with their reasons in the person's own answers.

What is urgent comes first. Nobody is pointed to couples or family work who has not said that those close to them are safe.
"""

from __future__ import annotations

from bot.content.fitting import Suggestion, comes_first, format_of, ranked, saving
from bot.content.model import Pack
from bot.content.scoring import Score
from bot.content.therapy import FitQuestion, Guide
from bot.conversation.dialog import END, Branch, Dialog, One, Option, Several, Step, Tell, View
from bot.conversation.effects import TOLD, Effect, Mark
from bot.conversation.replies import Say, Words
from bot.handlers.nudging import alarmed
from bot.handlers.result import Result
from bot.handlers.review import answered
from bot.handlers.therapy import FIT, PREPARE, base_of, first_page, near_shown, near_suggested

MOST_REASONS = 3


class Fitting:
    """The questions of one guide, in order, and what the answers suggest."""

    def __init__(self, pack: Pack, guide: Guide, score: Score) -> None:
        self.pack, self.guide, self.result = pack, guide, Result(pack, score)
        self.words = f"{base_of(pack)}.fit"
        self.questions = {question.id: question for question in guide.fit.questions}
        self._pages = {kind.id: f"therapy/{first_page(kind)}" for kind in guide.kinds}
        self._safety = frozenset(q.id for q in pack.questions if q.ask == "safety")

    # -- the way --------------------------------------------------------------------------------------------------

    def next(self, view: View) -> str:
        """Help where it was asked for, else the first question not asked yet; `arrive` after the last."""
        asked = dict(view.trail)
        if "dark_help" not in asked and "crisis" in comes_first(self.guide.fit, asked):
            return "dark"
        return next((name for name in self._on_the_way(view) if name not in asked), "arrive")

    def progress(self, view: View) -> tuple[int, int]:
        """(number of the question on screen, how many there will be)."""
        asked = [name for name, _ in view.trail if name in self.questions]
        left = [name for name in self._on_the_way(view) if name not in asked]
        return len(asked) + 1, max(len(asked) + len(left), len(asked) + 1)

    def _on_the_way(self, view: View) -> tuple[str, ...]:
        exploration = view.frames.get("why")
        told = exploration is not None and not self._safety.isdisjoint(exploration.answers)
        asked = {"all": True, "open": near_shown(view), "safety": near_shown(view) and not told}
        return tuple(question.id for question in self.guide.fit.questions if asked[question.ask])

    # -- what it comes to -----------------------------------------------------------------------------------------

    def suggested(self, view: View) -> tuple[Suggestion, ...]:
        """What may fit, best first. Who needs a doctor or a crisis line first is never told that nothing is needed."""
        fit, barred = self.guide.fit, set[str]()
        if not near_suggested(self.pack, self.guide, view):
            barred |= self.guide.near
        if comes_first(fit, view.answers):
            barred.add(fit.instead)
        return ranked(fit, view.answers, self.result.alive(view.frames), barred)

    def arriving(self, view: View) -> tuple[Say, ...]:
        """All of it in words: what comes first, the suggestions with their reasons, and how it may be done."""
        fit, words = self.guide.fit, self.words
        found, urgent = self.suggested(view), comes_first(fit, view.answers)
        says = [Say(f"{words}.crisis", keep=True)] if "crisis" in urgent else []
        if "doctor" in urgent:
            says.append(Say(f"{words}.doctor", {"reasons": self._said(urgent["doctor"])}, keep=True))
        if found or not urgent:
            says.append(Say(f"{words}.head" if found else f"{words}.nothing", keep=True))
        says += [say for suggestion in found for say in self._reasoned(suggestion)]
        therapies = [s.outcome for s in found if s.outcome != fit.instead]
        if therapies:
            says.append(self._format(view))
        if saving(fit, view.answers):
            says.append(Say(f"{words}.saving", keep=True))
        if not near_shown(view) or not self.guide.near.isdisjoint(therapies):
            says.append(Say(f"{words}.care", keep=True))
        return tuple(says)

    def _reasoned(self, suggestion: Suggestion) -> tuple[Say, ...]:
        maybe = Words(f"{self.words}.maybe.{suggestion.outcome}")
        reasons = self._said(suggestion.reasons)
        because = Say(f"{self.words}.because", {"maybe": maybe, "reasons": reasons}, keep=True)
        why = because if reasons else Say(maybe.key, keep=True)
        needs = tuple(Words(f"{self.pack.name}.needs.{need}.name") for need in suggestion.needs)
        return (why, Say(f"{self.words}.found", {"needs": needs}, keep=True)) if needs else (why,)

    def _said(self, pairs: tuple[tuple[str, str], ...]) -> tuple[Words, ...]:
        return tuple(Words(f"{self.words}.questions.{q}.said.{c}") for q, c in pairs[:MOST_REASONS])

    def _format(self, view: View) -> Say:
        found = format_of(self.guide.fit, view.answers)
        if found is None:
            return Say(f"{self.words}.format.either", keep=True)
        return Say(f"{self.words}.format.{found.outcome}", {"reasons": self._said(found.reasons)}, keep=True)

    def options(self, view: View) -> tuple[Option, ...]:
        """What to do with it."""
        fit, found = self.guide.fit, [s.outcome for s in self.suggested(view)]
        rows = [Option("now", "safety/sos")] if "crisis" in comes_first(fit, view.answers) else []
        rows += [self._read(name) for name in found if name in self._pages]
        if fit.instead in found or not found:
            rows.append(Option("steps", "needs/menu"))
        rows.append(Option("compare", "therapy/compare"))
        if saving(fit, view.answers):
            rows.append(Option("cost", "therapy/cost"))
        return (*rows, Option("prepare", f"{PREPARE}/"), Option("again", "arrive"), Option("done", END))

    def _read(self, kind: str) -> Option:
        name = Words(f"{base_of(self.pack)}.kinds.{kind}.name")
        return Option(f"read_{kind}", self._pages[kind], label=Say(f"{self.words}.result.options.read", {"kind": name}))

    def targets(self) -> tuple[str, ...]:
        """Every place that the options of the result may name."""
        fixed = ("safety/sos", "needs/menu", "therapy/compare", "therapy/cost", f"{PREPARE}/", "arrive", END)
        return (*self._pages.values(), *fixed)


def dialog(pack: Pack, guide: Guide, score: Score) -> Dialog:
    """The questions and the suggestions of this guide."""
    fitting = Fitting(pack, guide, score)
    words = fitting.words
    return Dialog(
        name=FIT,
        gated=True,
        resume=f"therapy_resume/{FIT}",
        review="review",
        anchor="arrive",
        table=(
            One(name="start", words=f"{words}.start", options=(Option("begin", "next"), Option("guide", "therapy/kinds"))),
            Branch(name="next", words="", decide=fitting.next, targets=("dark", *fitting.questions, "arrive")),
            *(_question(question, fitting) for question in guide.fit.questions),
            # As after words of danger: nothing ordinary is sent for a while.
            Tell(name="dark", words="", says=lambda view: (), effects=alarmed, to="dark_help"),
            _help(f"{words}.dark_help", "dark_help", "suicide", "safety/urgent"),
            _help(f"{words}.safe_help", "safe_help", "abuse", "safety/abuse"),
            Tell(name="arrive", words="", says=fitting.arriving, to="result"),
            One(name="result", words=f"{words}.result", options=fitting.options, targets=fitting.targets()),
            One(
                name="review",
                words=f"{words}.review",
                options=answered({name: f"{words}.questions.{name}.name" for name in fitting.questions}),
                targets=tuple(fitting.questions),
            ),
        ),
    )


def _help(words: str, name: str, card: str, more: str) -> One:
    return One(name=name, words=words, card=card, options=(Option("more", more), Option("on", "next")))


def _question(question: FitQuestion, fitting: Fitting) -> Step:
    words = f"{fitting.words}.questions.{question.id}"
    asked = (Say(f"{words}.text"), *((Say("why.several"),) if question.kind == "several" else ()))

    def says(view: View) -> tuple[Say, ...]:
        if view.frames[FIT].revisit:
            return (Say("why.changing"), *asked)
        number, about = fitting.progress(view)
        return (Say("why.progress", {"number": number, "about": about}), *asked)

    kind = Several if question.kind == "several" else One
    options = tuple(
        Option(c.id, "safe_help" if c.unsafe else "", effects=_raised(c.unsafe), alone=c.alone) for c in question.choices
    )
    return kind(name=question.id, words=words, says=says, options=options, to="next", question=True, skip=True)


def _raised(unsafe: bool | None) -> tuple[Effect, ...]:
    """Only the exploration takes it back: whoever said it there or here was not asked again by mistake."""
    return (Mark("unsafe", "1", unless=TOLD),) if unsafe else ()
