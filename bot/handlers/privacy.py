"""What is kept, the yes to each purpose and the way to take it back, the files of all that is stored, and forgetting it."""

from __future__ import annotations

from bot.conversation.dialog import END, Dialog, One, Option, Tell, View
from bot.conversation.effects import Erase, Export, Grant, Mark, Withdraw
from bot.conversation.facts import CHECKINS, NUDGES, PROGRESS
from bot.conversation.replies import Say, Words
from bot.handlers.numbers import PLACE
from bot.handlers.planned import sent_to
from bot.handlers.result import KEPT, Result

# Each purpose, and the version of the wording that a yes to it agrees to. Raise the number when the wording changes.
PURPOSES = {PROGRESS: 1, NUDGES: 1, CHECKINS: 1}


def _page(view: View) -> tuple[Say, ...]:
    stored = bool(view.facts.consents)
    return (
        Say("privacy.page.text"),
        Say("privacy.page.stored" if stored else "privacy.page.nothing"),
        *(
            Say(
                "privacy.page.consent",
                {"purpose": Words(f"privacy.purposes.{c.purpose}"), "date": c.at.date(), "version": c.version},
            )
            for c in view.facts.consents
        ),
        *_sent(view),
        _kept(view),
    )


def _sent(view: View) -> tuple[Say, ...]:
    """What comes by itself besides nudges, which have a yes that is named already."""
    plan = sent_to(view)
    on = {} if plan is None else {"reminder": plan.reminder, "weekly": plan.week}
    names = tuple(Words(f"{name}.name") for name, part in on.items() if part is not None)
    return (Say("privacy.page.sent", {"what": names}),) if names else ()


def _asking(view: View) -> tuple[Say, ...]:
    return (Say("privacy.ask.text"), _kept(view))


def _kept(view: View) -> Say:
    """For how long what is stored stays: whoever runs this copy has decided."""
    months = view.facts.keeps
    return Say("privacy.kept.months", {"months": months}) if months else Say("privacy.kept.always")


def _choices(view: View) -> tuple[Option, ...]:
    # Nobody is remembered before they said that they are an adult.
    ask = (Option("remember", "ask"),) if view.marks.get("adult") and not view.facts.consent(PROGRESS) else ()
    withdraw = tuple(
        Option(
            f"withdraw_{consent.purpose}",
            "withdrawn",
            # The country of the help cards is remembered with the progress, and forgotten with it, as all that was kept is.
            effects=(Withdraw(consent.purpose), *((Mark(PLACE, ""), Mark(KEPT, "")) if consent.purpose == PROGRESS else ())),
            label=Say("privacy.page.withdraw", {"purpose": Words(f"privacy.purposes.{consent.purpose}")}),
        )
        for consent in view.facts.consents
    )
    return (
        *ask,
        *((Option("nudges", "nudging/door"),) if view.facts.reaches and not view.facts.consent(NUDGES) else ()),
        *((Option("checkins", "checkin/offer"),) if view.marks.get("adult") and not view.facts.consent(CHECKINS) else ()),
        *withdraw,
        Option("more", "more"),
        Option("export", "export"),
        Option("forget", "forget"),
        Option("done", END),
    )


def _exporting(view: View) -> tuple[Say, ...]:
    return (Say("privacy.export.stored" if view.facts.consents else "privacy.export.nothing"),)


def _remains(view: View) -> tuple[Say, ...]:
    return (Say("privacy.gone.text"), Say(f"privacy.remains.{view.facts.platform}"), Say("privacy.gone.backups"))


def dialog(result: Result) -> Dialog:
    """Privacy, and the keeping of a result that was finished before the yes."""
    return Dialog(
        name="privacy",
        entries=("gone", "ask", "export", "forget"),
        table=(
            One(
                name="page",
                words="privacy.page",
                says=_page,
                options=_choices,
                targets=("ask", "nudging/door", "checkin/offer", "withdrawn", "more", "export", "forget", END),
            ),
            One(name="more", words="privacy.more", options=(Option("page", "page"), Option("done", END))),
            One(
                name="ask",
                words="privacy.ask",
                says=_asking,
                options=(
                    Option("yes", "granted", effects=(Grant(PROGRESS, PURPOSES[PROGRESS]),)),
                    Option("no", "declined"),
                ),
            ),
            Tell(name="granted", words="privacy.granted", effects=result.keeping_after_all, to=END),
            Tell(name="declined", words="privacy.declined", to=END),
            Tell(name="withdrawn", words="privacy.withdrawn", to="page"),
            Tell(name="export", words="privacy.export", says=_exporting, effects=(Export(),), to=END),
            One(
                name="forget",
                words="privacy.forget",
                options=(Option("yes", "privacy/gone", effects=(Erase(),)), Option("no", END)),
            ),
            One(name="gone", words="privacy.gone", says=_remains, options=(Option("again", "welcome/hello"),)),
        ),
    )
