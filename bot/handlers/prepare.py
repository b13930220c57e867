"""Getting ready for a first talk: a first message made of fixed phrases, questions to ask, a list; to read and as a file.

Nothing that a person typed goes into it, and nothing is sent to anybody.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.content.model import Pack
from bot.content.therapy import Asked, Guide
from bot.conversation.dialog import END, Branch, Dialog, One, Option, Several, Step, Tell, View
from bot.conversation.effects import Attach, Effect
from bot.conversation.replies import Lines, Say, Words
from bot.conversation.session import Answer
from bot.handlers.review import answered
from bot.handlers.therapy import PREPARE, base_of

# A name that tells nobody what it is about; the time after it, so that no older file is written over.
FILE = "closer-notes"


class Draft:
    """The first message, from the choices of one person."""

    def __init__(self, pack: Pack, guide: Guide) -> None:
        self.words, self.asked = f"{base_of(pack)}.{PREPARE}", guide.prepare
        self.names = tuple(asked.id for asked in guide.prepare)

    def next(self, view: View) -> str:
        """The first question not asked yet; `arrive` after the last."""
        asked = view.answers
        return next((name for name in self.names if name not in asked), "arrive")

    def written(self, answers: Mapping[str, Answer]) -> tuple[Say, ...]:
        """The message, part by part; what was skipped is left out."""
        parts = (self._part(asked, answers.get(asked.id, ())) for asked in self.asked)
        return (
            Say(f"{self.words}.draft.hello", keep=True),
            *(part for part in parts if part is not None),
            Say(f"{self.words}.draft.close", keep=True),
        )

    def _part(self, asked: Asked, answer: Answer) -> Say | None:
        picked = (answer,) if isinstance(answer, str) else answer
        lines = f"{self.words}.questions.{asked.id}.line"
        phrases = tuple(Words(f"{lines}.{choice}") for choice in asked.choices if choice in picked)
        if not phrases:
            return None
        if asked.kind == "one":
            return Say(f"{self.words}.draft.{asked.id}", {"phrase": phrases[0]}, keep=True)
        rows = Lines(tuple(Say(f"{self.words}.draft.row", {"phrase": phrase}) for phrase in phrases))
        return Say(f"{self.words}.draft.{asked.id}", {"rows": rows}, keep=True)

    def arriving(self, view: View) -> tuple[Say, ...]:
        """The draft as a message of its own, to be copied."""
        return (Say(f"{self.words}.intro"), *self.written(view.answers))

    def filed(self, view: View) -> tuple[Effect, ...]:
        """All of it as one text file."""
        sheets = tuple(Say(f"{self.words}.{sheet}.text") for sheet in ("ask", "first"))
        name = f"{FILE}-{view.facts.now:%Y%m%d-%H%M%S}"
        return (Attach(name, (Say(f"{self.words}.file.title"), *self.written(view.answers), *sheets)),)


def dialog(pack: Pack, guide: Guide) -> Dialog:
    """What helps before a first talk."""
    draft = Draft(pack, guide)
    words = draft.words
    filed = (Say(f"{words}.filed"),)
    return Dialog(
        name=PREPARE,
        gated=True,
        resume=f"therapy_resume/{PREPARE}",
        review="review",
        anchor="arrive",
        table=(
            One(name="start", words=f"{words}.start", options=(Option("draft", "next"), *_SHEETS)),
            Branch(name="next", words="", decide=draft.next, targets=(*draft.names, "arrive")),
            *(_question(asked, words) for asked in guide.prepare),
            Tell(name="arrive", words="", says=draft.arriving, to="ready"),
            One(name="ready", words=f"{words}.ready", options=(Option("again", "arrive"), *_SHEETS)),
            *(_sheet(words, name) for name in ("ask", "first")),
            Tell(name="filed", words="", says=lambda view: filed, effects=draft.filed, to="start"),
            One(
                name="review",
                words=f"{words}.review",
                options=answered({name: f"{words}.questions.{name}.name" for name in draft.names}),
                targets=draft.names,
            ),
        ),
    )


_SHEETS = (Option("ask", "ask"), Option("first", "first"), Option("file", "filed"), Option("done", END))


def _question(asked: Asked, words: str) -> Step:
    here = f"{words}.questions.{asked.id}"
    says = (Say(f"{here}.text"), *((Say("why.several"),) if asked.kind == "several" else ()))
    changing = (Say("why.changing"), *says)
    kind = Several if asked.kind == "several" else One
    return kind(
        name=asked.id,
        words=here,
        says=lambda view: changing if view.frames[PREPARE].revisit else says,
        options=tuple(Option(choice) for choice in asked.choices),
        to="next",
        question=True,
        skip=True,
    )


def _sheet(words: str, name: str) -> One:
    says = (Say(f"{words}.{name}.text", keep=True),)
    options = (Option("hub", "start"), Option("file", "filed"), Option("done", END))
    return One(name=name, words=f"{words}.sheet", says=lambda view: says, options=options)
