"""Help that outranks everything: the card, the one direct question, and the branches for harm by others.

Nothing here needs a consent, a country, a store or a network, and nothing here ends: the person can always go on or stop.
"""

from __future__ import annotations

from bot.conversation.dialog import END, Dialog, One, Option, Tell, View
from bot.conversation.effects import Erase, Mark
from bot.conversation.replies import Say

_ON = Option("on", "onward")
_HURT = Option("hurt", "abuse")


def _left_out(view: View) -> tuple[Say, ...]:
    """Words of danger typed as an answer were not kept as one; whoever goes on is told."""
    return (Say("safety.left_out"),) if view.marks.get("left_out") else ()


def _card(name: str, *first: Option, where: str = "safety.help") -> One:
    """A card: its own words, then where help is. Worth a message of its own."""
    says = (Say(f"safety.{name}.text", keep=True), Say(where, keep=True), Say("safety.person", keep=True))
    return One(name=name, words="safety", says=lambda view: says, options=(*first, _ON))


DIALOG = Dialog(
    name="safety",
    entries=("ask", "abuse", "assault", "others", "eating", "minor", "urgent"),
    table=(
        _card("sos", _HURT),
        _card("urgent", _HURT),
        One(
            name="ask",
            words="safety.ask",
            options=(Option("yes", "urgent"), Option("no", "fine"), Option("unsure", "urgent")),
        ),
        _card("fine"),
        _card("abuse", Option("hide", "screen"), where="safety.violence"),
        One(name="screen", words="safety", says=lambda view: (Say("safety.screen.text"),), options=(_ON,)),
        _card("assault", where="safety.violence"),
        _card("others"),
        _card("eating"),
        Tell(name="onward", words="", says=_left_out, effects=(Mark("left_out", ""),), to=END),
        One(
            name="minor",
            words="safety.minor",
            options=(Option("yes", "welcome/minor", effects=(Erase(),)), Option("no", END)),
        ),
    ),
)

# What the check of a text found, and the step that answers it. The empty category stands for all others of its tier.
ALARMS = {
    ("urgent", ""): "safety/urgent",
    ("ask", ""): "safety/ask",
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
