"""A check-in: published questions in their published words, one question of our own, and what changed since the last one.

Never a label, never a number: only more, less or about the same, and how little a small difference says.
"""

from __future__ import annotations

from datetime import timedelta

from bot.content.instruments import DIRECT, HUGHES, ONS, TOUCH, UCLA3, change
from bot.conversation.dialog import END, Branch, Dialog, One, Option, Says, Step, Tell, View
from bot.conversation.effects import CHECKIN, Drop, Effect, Grant, Keep
from bot.conversation.facts import CHECKINS
from bot.conversation.replies import Say
from bot.handlers.help import cited
from bot.handlers.kept import Kept, kept, score_of
from bot.handlers.planned import checked_in
from bot.handlers.privacy import PURPOSES
from bot.handlers.reminders import REMINDER, ways

# One that is no older than this makes way for the next: morning and evening of a day are one, two evenings in a row are two.
# It takes no time zone, which is known of few.
RECENT = timedelta(hours=18)
AFTER = "checkin_resume/after"
_DONE = Option("done", END)
CHOICES = {
    **dict.fromkeys(UCLA3.items, tuple(UCLA3.points)),
    "direct": DIRECT,
    "touch": TOUCH,
}
_SOURCES = (Say("checkin.sources.three"), cited(HUGHES), Say("checkin.sources.direct"), cited(ONS), Say("checkin.sources.own"))
# In this order, as the published guidance has it: the direct question after the three.
ASKED = tuple(CHOICES)


def dialog() -> Dialog:
    """From the first question to what changed. Once it is over nothing of it stays but what was asked to be kept."""
    return Dialog(
        name="checkin",
        passing=True,
        gated=True,
        resume="checkin_resume/ask",
        entries=("offer",),
        table=(*_door(), *_questions(), *_ending()),
    )


def resume() -> Dialog:
    """Ask whether to go on with a check-in that was left half-way, or to start over; and what to do after a whole one."""
    return Dialog(
        name="checkin_resume",
        passing=True,
        gated=True,
        entries=("after",),
        table=(
            One(name="ask", words="checkin.resume", options=(Option("on", END), Option("over", "checkin/door"))),
            One(
                name="after",
                words="checkin.after",
                options=lambda view: (
                    *_reminding(view),
                    Option("progress", "progress/page"),
                    Option("needs", "needs/menu"),
                    _DONE,
                ),
                targets=("reminder/door", "progress/page", "needs/menu", END),
            ),
        ),
    )


def _door() -> tuple[Step, ...]:
    begin = Option("begin", ASKED[0])
    return (
        Branch(name="door", words="", decide=lambda view: "twice" if _recent(view) else "hello", targets=("twice", "hello")),
        One(name="twice", words="checkin.twice", options=(Option("again", "hello"), Option("keep", END))),
        One(
            name="hello",
            words="checkin.hello",
            options=lambda view: (begin, Option("sources", "sources"), *_reminding(view), Option("no", END)),
            targets=(ASKED[0], "sources", "reminder/door", END),
        ),
        One(name="sources", words="checkin.sources", says=lambda view: _SOURCES, options=(begin, Option("no", END))),
    )


def _reminding(view: View) -> tuple[Option, ...]:
    return ways(view, REMINDER)


def _questions() -> tuple[Step, ...]:
    after = (*ASKED[1:], "done")
    return tuple(
        One(
            name=name,
            words=f"checkin.{name}",
            says=_asking(name, number),
            options=tuple(Option(choice, words=_label(name, choice), also=_also(name, choice)) for choice in CHOICES[name]),
            to=to,
            skip=True,
        )
        for number, (name, to) in enumerate(zip(ASKED, after, strict=True), start=1)
    )


def _label(name: str, choice: str) -> str:
    """The three published items share their choices, and so the words of these."""
    return f"checkin.{'options' if name in UCLA3.items else f'{name}.options'}.{choice}"


def _also(name: str, choice: str) -> str:
    return f"checkin.{'also' if name in UCLA3.items else f'{name}.also'}.{choice}"


def _asking(name: str, number: int) -> Says:
    says = (Say("checkin.count", {"number": number, "about": len(ASKED)}), Say(f"checkin.{name}.text"))
    return lambda view: says


def _ending() -> tuple[Step, ...]:
    yes = Option("yes", "granted", effects=(Grant(CHECKINS, PURPOSES[CHECKINS]),))
    return (
        Tell(name="done", words="checkin.done", says=_said, effects=_keeping, to="turn"),
        Branch(name="turn", words="", decide=_turn, targets=("heavy", "unwanted", "rest")),
        One(name="heavy", words="checkin.heavy", options=(Option("help", "safety/sos"), Option("on", "rest"))),
        One(
            name="unwanted",
            words="checkin.unwanted",
            options=(Option("hurt", "safety/assault"), Option("help", "safety/sos"), Option("on", "rest")),
        ),
        Branch(name="rest", words="", decide=_rest, targets=("offer", "closing")),
        One(name="offer", words="checkin.offer", options=(yes, Option("no", "declined"))),
        Tell(name="granted", words="checkin.granted", effects=_keeping, to="closing"),
        Tell(name="declined", words="checkin.declined", to="closing"),
        Branch(name="closing", words="", decide=lambda view: AFTER, targets=(AFTER,)),
    )


# -- what was kept before ----------------------------------------------------------------------------------------------


def _recent(view: View) -> tuple[Kept, ...]:
    """Check-ins that the next one takes the place of."""
    return tuple(each for each in kept(view, CHECKIN) if view.facts.now - each.at < RECENT)


def _before(view: View) -> Kept | None:
    """The last one before, with which this one can be compared."""
    older = (each for each in kept(view, CHECKIN) if view.facts.now - each.at >= RECENT and score_of(each) is not None)
    return max(older, key=lambda each: each.at, default=None)


# -- what this one says ------------------------------------------------------------------------------------------------


def _given(view: View, name: str) -> str | None:
    answer = view.answers.get(name)
    return answer if isinstance(answer, str) and answer in CHOICES[name] else None


def _score(view: View) -> int | None:
    return UCLA3.score([_given(view, item) for item in UCLA3.items])


def _changed(view: View) -> str:
    """How this one differs from the one before; empty where there is nothing to compare."""
    before, now = _before(view), _score(view)
    was = score_of(before) if before else None
    return "" if was is None or now is None else change(was, now)


def _said(view: View) -> tuple[Say, ...]:
    before = _before(view)
    if _score(view) is None:
        return (Say("checkin.done.unscored"),)
    if before is None:
        return (Say("checkin.done.first"),)
    return (Say(f"checkin.done.{_changed(view)}", {"date": before.at.date()}),)


def _turn(view: View) -> str:
    """Where help by people is offered: after a clear worsening, at the top of a scale, and after unwanted touch."""
    if _changed(view) == "more" or _score(view) == UCLA3.most or _given(view, "direct") == DIRECT[0]:
        return "heavy"
    return "unwanted" if _given(view, "touch") == "more" else "rest"


def _rest(view: View) -> str:
    return "closing" if view.facts.consent(CHECKINS) or not _anything(view) else "offer"


def _anything(view: View) -> bool:
    return any(_given(view, name) for name in ASKED)


def _keeping(view: View) -> tuple[Effect, ...]:
    """The check-in, for those who asked for it, in place of one just before."""
    if view.facts.consent(CHECKINS) is None or not _anything(view):
        return ()
    content = {
        "instrument": UCLA3.id,
        "version": UCLA3.version,
        "answers": [_given(view, item) for item in UCLA3.items],
        "score": _score(view),
        "direct": _given(view, "direct"),
        "touch": _given(view, "touch"),
    }
    return (*(Drop(each.id) for each in _recent(view) if each.id), Keep(CHECKIN, content), *checked_in(view))
