"""The door: what Closer is and is not, adults only, and the resting place between conversations."""

from __future__ import annotations

from dataclasses import replace

from bot.content.model import Helplines, Pack
from bot.conversation.dialog import END, Branch, Dialog, One, Option, Step, Tell, View
from bot.conversation.effects import Erase, Mark
from bot.conversation.replies import Border, Say
from bot.handlers.numbers import YOUNG, Numbers, choice
from bot.handlers.planned import hushed
from bot.handlers.steps import chosen


def dialog(lines: Helplines | None) -> Dialog:
    """The door. Who is too young can also ask for the numbers of their country, where there are any."""
    numbers = (replace(choice("numbers"), to="safety/country"),) if Numbers(lines).any_for(YOUNG) else ()
    return Dialog(
        name="welcome",
        passing=True,
        entries=("lost", "minor", "stop", "trouble"),
        table=_table(numbers),
    )


def _table(numbers: tuple[Option, ...]) -> tuple[Step, ...]:
    return (
        One(
            name="hello",
            words="welcome.hello",
            border=Border(at=18, below="minor", above="adult"),
            options=_ages,
            targets=("why/start", "minor", "welcome/minor"),
        ),
        One(name="minor", words="welcome.minor", card=YOUNG.category, options=(*numbers, Option("mistake", "hello"))),
        One(name="lost", words="welcome.lost", options=(Option("again", "hello"),)),
        One(
            name="trouble",
            words="welcome.trouble",
            says=lambda view: (Say("lines.trouble", nth=view.facts.now.minute),),
            options=(Option("retry", "door"),),
        ),
        Tell(name="stop", words="welcome.stop", effects=hushed, to="stopped"),
        One(name="stopped", words="welcome.stopped", options=(Option("menu", "door"),)),
        Branch(
            name="door",
            words="",
            decide=lambda view: "home/menu" if view.marks.get("adult") else "hello",
            targets=("home/menu", "hello"),
        ),
    )


def _ages(view: View) -> tuple[Option, ...]:
    adult = Option("adult", "why/start", effects=(Mark("adult", "1"),))
    # Whatever is stored of somebody who comes to the door again goes, if they turn out to be too young.
    young = Option("minor", "welcome/minor", effects=(Erase(),)) if view.facts.consents else Option("minor", "minor")
    return adult, young


def _menu(view: View) -> tuple[Option, ...]:
    begun = "why" in view.frames
    return (
        Option("why", "why/" if begun else "why/start"),
        Option("needs", "needs/menu"),
        Option("lonely", "why/lonely"),
        Option("nudges", "nudging/door"),
        Option("therapy", "therapy/menu"),
        Option("privacy", "privacy/page"),
        Option("about", "help/about"),
    )


def _resting(pack: Pack, view: View) -> tuple[Say, ...]:
    step = chosen(pack, view)
    return (*((Say("home.menu.step", {"step": step}),) if step else ()), Say("home.menu.text"))


def home(pack: Pack) -> Dialog:
    """The resting place between conversations; it remembers the step that was chosen."""
    return Dialog(
        name="home",
        gated=True,
        table=(
            One(
                name="menu",
                words="home.menu",
                says=lambda view: _resting(pack, view),
                options=_menu,
                targets=(
                    *("why/", "why/start", "needs/menu", "why/lonely"),
                    *("nudging/door", "therapy/menu", "privacy/page", "help/about", END),
                ),
            ),
        ),
    )
