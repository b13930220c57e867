"""Help that outranks everything: the cards, the one direct question, and the branches for harm by others.

Nothing here needs a consent, a country, a store or a network, and nothing here ends: the person can always go on or stop.
"""

from __future__ import annotations

from bot.content.model import Helplines
from bot.conversation.dialog import END, Branch, Dialog, One, Option, Step, Tell, View
from bot.conversation.effects import ASK, BELIEVED, Erase, Mark
from bot.conversation.replies import Border, Say
from bot.conversation.session import SKIPPED
from bot.handlers.nudging import looking_in
from bot.handlers.numbers import PLACE, YOUNG, Card, Numbers, asked

_ON = Option("on", "onward")
_HURT = Option("hurt", "abuse")

CARDS = (
    Card(name="sos", category="asked", kinds=("crisis",), first=(_HURT,)),
    Card(name="urgent", category="suicide", kinds=("crisis",), first=(_HURT,)),
    Card(name="harm", category="self_harm", kinds=("crisis",), first=(_HURT,), text="urgent"),
    Card(name="fine", category="said_no", kinds=("crisis",)),
    Card(name="abuse", category="abuse", kinds=("violence",), where="safety.violence", first=(Option("hide", "screen"),)),
    Card(name="assault", category="sexual_assault", kinds=("sexual_violence", "violence"), where="safety.violence"),
    Card(name="others", category="harm_to_others", kinds=("crisis",)),
    Card(name="eating", category="eating_disorder", kinds=("eating", "crisis")),
)
_NAMES = {card.name: card for card in CARDS}

# What the check of a text found, and the step that answers it. The empty category stands for all others of its tier.
ALARMS = {
    ("urgent", ""): "safety/urgent",
    ("ask", ""): "safety/ask",
    ("urgent", "self_harm"): "safety/harm",
    ("urgent", "abuse"): "safety/abuse",
    ("ask", "abuse"): "safety/abuse",
    ("urgent", "sexual_assault"): "safety/assault",
    ("ask", "sexual_assault"): "safety/assault",
    ("urgent", "harm_to_others"): "safety/others",
    ("ask", "harm_to_others"): "safety/others",
    ("urgent", "eating_disorder"): "safety/eating",
    ("ask", "eating_disorder"): "safety/eating",
    ("urgent", "minor"): "safety/minor",
    ("ask", "minor"): "safety/minor",
}


def dialog(lines: Helplines | None) -> Dialog:
    """All of the help. With no line that may be shown there is no country to ask for."""
    numbers = Numbers(lines)
    offered = any(numbers.any_for(card) for card in (*CARDS, YOUNG))
    return Dialog(
        name="safety",
        entries=("ask", "harm", "abuse", "assault", "others", "eating", "minor", "urgent"),
        table=(
            *(_card(card, numbers) for card in CARDS),
            One(
                name="ask",
                words="safety.ask",
                options=(Option("yes", "urgent"), Option("no", "fine"), Option("unsure", "urgent")),
            ),
            One(name="screen", words="safety", says=lambda view: (Say("safety.screen.text"),), options=(_ON,)),
            _minor(numbers),
            *(_by_country(numbers) if offered else ()),
            # An age that is still to be asked comes after the help, never before it.
            Branch(name="onward", words="", decide=_onward, targets=("age", "look", "back")),
            Tell(name="age", words="", says=lambda view: (), effects=(Mark("age", ""),), to="minor"),
            Tell(name="look", words="", says=lambda view: (), effects=(Mark("look_in", ""),), to="look_in"),
            One(name="look_in", words="safety.look_in", options=looking_in, targets=("looked", "back")),
            Tell(name="looked", words="safety.looked", to="back"),
            Tell(name="back", words="", says=_left_out, effects=(Mark("left_out", ""),), to=END),
        ),
    )


def _onward(view: View) -> str:
    """What is still to be asked after the help."""
    if view.marks.get("age") == ASK:
        return "age"
    return "look" if view.marks.get("look_in") else "back"


def _card(card: Card, numbers: Numbers) -> One:
    """A card: its own words, then where help is. Worth a message of its own."""
    text, person = Say(f"safety.{card.text or card.name}.text", keep=True), Say("safety.person", keep=True)
    options = (*card.first, _ON)

    def says(view: View) -> tuple[Say, ...]:
        return (text, *numbers.shown(view, card), person)

    if not numbers.any_for(card):
        return One(name=card.name, words="safety", card=card.category, says=says, options=options)
    return One(
        name=card.name,
        words="safety",
        card=card.category,
        says=says,
        options=lambda view: (*numbers.ways(view, card), *options),
        targets=(PLACE, *(option.to for option in options)),
    )


def _by_country(numbers: Numbers) -> tuple[Step, ...]:
    """The question for the country, and the card with its numbers, for whichever card they are asked."""

    def says(view: View) -> tuple[Say, ...]:
        return (*numbers.of(numbers.place(view), _origin(view)), Say("safety.person", keep=True))

    def options(view: View) -> tuple[Option, ...]:
        card = _origin(view)
        return (*numbers.ways(view, card), Option("on", "welcome/minor") if card is YOUNG else _ON)

    return (
        One(
            name=PLACE,
            words="safety.country",
            says=asked,
            options=lambda view: numbers.countries(view, _origin(view)),
            targets=("numbers",),
        ),
        One(name="numbers", words="safety", says=says, options=options, targets=(PLACE, "onward", "welcome/minor")),
    )


def _minor(numbers: Numbers) -> One:
    """The age, asked once. A card that it interrupts stays in view, and is there again after a no."""

    def says(view: View) -> tuple[Say, ...]:
        card = _NAMES.get(_interrupted(view))
        return (*(numbers.shown(view, card) if card else ()), Say("safety.minor.text"))

    def options(view: View) -> tuple[Option, ...]:
        return (
            Option("yes", "welcome/minor", effects=(Erase(),)),
            Option("no", _interrupted(view) or "onward", effects=(Mark("age", BELIEVED),)),
        )

    return One(
        name="minor",
        words="safety.minor",
        says=says,
        options=options,
        targets=("welcome/minor", "onward", "ask", *_NAMES),
        border=Border(at=18, below="yes", above="no"),
    )


def _interrupted(view: View) -> str:
    """The card or the question that an alarm interrupted, if that was the last thing here."""
    step, answer = view.trail[-1] if view.trail else ("", SKIPPED)
    return step if answer == SKIPPED and (step in _NAMES or step == "ask") else ""


def _origin(view: View) -> Card:
    """The card from which the country was asked for."""
    return next((_NAMES[step] for step, _ in reversed(view.trail) if step in _NAMES), YOUNG)


def _left_out(view: View) -> tuple[Say, ...]:
    """Words of danger typed as an answer were not kept as one; whoever goes on is told."""
    return (Say("safety.left_out"),) if view.marks.get("left_out") else ()
